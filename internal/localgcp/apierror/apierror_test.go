package apierror_test

import (
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/localgcp/apierror"
)

var update = flag.Bool("update", false, "write the answers to testdata in place of comparing them")

func TestBodies(t *testing.T) {
	t.Parallel()
	const service, method = "iamcredentials.googleapis.com", "google.iam.credentials.v1.IAMCredentials.GenerateIdToken"
	tests := []struct {
		name string
		err  *apierror.Error
		want int
	}{
		{"invalid_argument", apierror.InvalidArgument("got %d & want <2>", 1), 400},
		{"not_found", apierror.NotFound("Not found; Gaia id not found for email %s", "x@example.com"), 404},
		{"permission_denied", apierror.PermissionDenied("iam.serviceAccounts.getOpenIdToken"), 403},
		{"credentials_missing", apierror.CredentialsMissing(service, method), 401},
		{"credentials_invalid", apierror.CredentialsInvalid("ACCESS_TOKEN_EXPIRED", service, method), 401},
		{"scope_insufficient", apierror.ScopeInsufficient(service, method), 403},
		{"service_disabled", apierror.ServiceDisabled("IAM Service Account Credentials API", service, "123456789012"), 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			tt.err.Write(w)
			if w.Code != tt.want {
				t.Errorf("got status %d, want %d", w.Code, tt.want)
			}
			golden(t, tt.name+".json", w.Body.Bytes())
			challenge := w.Header().Get("WWW-Authenticate")
			if (challenge != "") != (tt.want == 401) {
				t.Errorf("got WWW-Authenticate %q with status %d", challenge, tt.want)
			}
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func TestStatusGoesWithTheCode(t *testing.T) {
	t.Parallel()
	tests := map[int]string{
		400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED",
		500: "INTERNAL", 501: "UNIMPLEMENTED", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
	}
	for code, status := range tests {
		want := status + ": m"
		if got := (&apierror.Error{Code: code, Message: "m"}).Error(); got[4:] != want {
			t.Errorf("%d: got %q, want %q", code, got[4:], want)
		}
	}
	if got := (&apierror.Error{Code: 400, Status: "FAILED_PRECONDITION", Message: "m"}).Error(); got != "400 FAILED_PRECONDITION: m" {
		t.Errorf("got %q, want the given status", got)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for wait, want := range map[time.Duration]string{0: "", 2 * time.Second: "2"} {
		w := httptest.NewRecorder()
		(&apierror.Error{Code: 503, RetryAfter: wait}).Write(w)
		if got := w.Header().Get("Retry-After"); got != want {
			t.Errorf("after %s: got Retry-After %q, want %q", wait, got, want)
		}
	}
}
