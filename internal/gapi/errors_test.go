package gapi

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Each API has its own words for an account that the caller may not act as.
func TestActAs(t *testing.T) {
	t.Parallel()
	const account = "sa@p.iam.gserviceaccount.com"
	cases := []struct {
		name string
		err  error
		want Kind
	}{
		{name: "Vertex AI", err: status.Error(codes.InvalidArgument, "You do not have permission to act as service_account: "+account+". (or it may not exist)."), want: ActAs},
		{name: "Scheduler and Tasks", err: status.Error(codes.PermissionDenied, `The principal (user or service account) lacks IAM permission "iam.serviceAccounts.actAs" for the resource "`+account+`" (or the resource may not exist).`), want: ActAs},
		{name: "Pub/Sub", err: status.Error(codes.PermissionDenied, "The caller does not have permission to act as service account "+account+"."), want: ActAs},
		{name: "another permission", err: status.Error(codes.PermissionDenied, "The principal lacks IAM permission \"cloudscheduler.jobs.create\""), want: Permission},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := AsError(t.Context(), "creating it", c.err)
			if !IsKind(err, c.want) {
				t.Fatalf("AsError() = %#v, want kind %q", err, c.want)
			}
			if got := err.(*Error).ServiceAccount; c.want == ActAs && got != account { //nolint:errorlint // IsKind said so
				t.Errorf("service account = %q, want %q", got, account)
			}
		})
	}
}
