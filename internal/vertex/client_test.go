package vertex

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/internal/gapi"
)

func TestEndpoint(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, location, given string
		want                  string
		wantErr               string
	}{
		{name: "Vertex AI", location: "europe-west4", want: "europe-west4-aiplatform.googleapis.com:443"},
		{name: "no region", wantErr: "invalid location"},
		{name: "a host that is no region", location: "evil.example.com/", wantErr: "invalid location"},
		{name: "host and port", given: "127.0.0.1:8080", want: "127.0.0.1:8080"},
		{name: "localhost", given: "localhost:8080", want: "localhost:8080"},
		{name: "IPv6 loopback", given: "[::1]:8080", want: "[::1]:8080"},
		{name: "host alone", given: "psc.example.com", want: "psc.example.com:443"},
		{name: "another machine", given: "10.0.0.1:8080", want: "10.0.0.1:8080"},
		{name: "looks like loopback only", given: "127.0.0.1.example.com:80", want: "127.0.0.1.example.com:80"},
		{name: "scheme", given: "http://127.0.0.1:8080", wantErr: "without a scheme"},
		{name: "no host", given: ":8080", wantErr: "want HOST or HOST:PORT"},
		{name: "no port", given: "127.0.0.1:", wantErr: "want HOST or HOST:PORT"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := Endpoint(c.location, c.given)
			if !matches(err, c.wantErr) {
				t.Fatalf("Endpoint() error = %v, want %q", err, c.wantErr)
			}
			if got != c.want {
				t.Errorf("Endpoint() = %q, want %q", got, c.want)
			}
		})
	}
}

// matches tells whether err is as wanted: nil for "", else holding the text.
func matches(err error, want string) bool {
	if want == "" {
		return err == nil
	}
	return err != nil && strings.Contains(err.Error(), want)
}

func TestClientAuthorizesItsCallsOnLoopback(t *testing.T) {
	t.Setenv("GOOGLE_CLOUD_QUOTA_PROJECT", "")
	server := new(service)
	client, err := NewClient(t.Context(), ClientOptions{
		Endpoint:    serve(t, server),
		Credentials: staticCredentials(`{"quota_project_id": "billed"}`),
		UserAgent:   "authpipe/test",
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	job, err := Submit(t.Context(), client, validSubmission())
	if err != nil {
		t.Fatal(err)
	}
	if want := testParent + "/pipelineJobs/job-1"; job.GetName() != want {
		t.Errorf("name = %q, want %q", job.GetName(), want)
	}
	got := map[string][]string{}
	for _, key := range []string{"authorization", "x-goog-user-project", "x-goog-request-params"} {
		got[key] = server.seen[0].Get(key)
	}
	want := map[string][]string{
		"authorization":         {"Bearer secret-token"},
		"x-goog-user-project":   {"billed"},
		"x-goog-request-params": {"parent=projects%2Flocal-project%2Flocations%2Fus-central1"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	if ua := server.seen[0].Get("user-agent"); len(ua) != 1 || !strings.HasPrefix(ua[0], "authpipe/test ") {
		t.Errorf("user-agent = %q, want authpipe/test first", ua)
	}
}

func TestNewClientWantsCredentials(t *testing.T) {
	t.Parallel()
	if _, err := NewClient(t.Context(), ClientOptions{Location: "us-central1"}); !matches(err, "no credentials") {
		t.Errorf("NewClient() error = %v, want one about credentials", err)
	}
}

func TestATokenThatCannotBeHadIsACredentialsError(t *testing.T) {
	t.Parallel()
	// Nothing listens at the token endpoint any more.
	file := writeFile(t, "adc.json", `{"type": "authorized_user", "client_id": "i", "client_secret": "s",
		"refresh_token": "secret-refresh", "token_uri": "http://127.0.0.1:1/token"}`)
	creds, err := gapi.FindCredentials(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	client, err := NewClient(t.Context(), ClientOptions{Endpoint: serve(t, new(service)), Credentials: creds})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	_, err = Submit(t.Context(), client, validSubmission())
	if !IsKind(err, Credentials) || strings.Contains(err.Error(), "secret") {
		t.Errorf("Submit() error = %v, want one of kind %q without secrets", err, Credentials)
	}
}

// TestDebugLoggingShowsNoToken needs a process of its own: the variable is read
// once.
func TestDebugLoggingShowsNoToken(t *testing.T) {
	if os.Getenv("VERTEX_TEST_CHILD") != "" {
		submitOnce(t)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDebugLoggingShowsNoToken$", "-test.v")
	cmd.Env = append(os.Environ(), "VERTEX_TEST_CHILD=1", "GOOGLE_SDK_GO_LOGGING_LEVEL=debug")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("child: %v\n%s", err, out)
	}
	if bytes.Contains(out, []byte("secret-token")) || bytes.Contains(out, []byte("hello.example.com")) {
		t.Errorf("debug logging shows what was sent:\n%s", out)
	}
}

func submitOnce(t *testing.T) {
	t.Helper()
	client, err := NewClient(t.Context(), ClientOptions{Endpoint: serve(t, new(service)), Credentials: staticCredentials("")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	if _, err := Submit(t.Context(), client, validSubmission()); err != nil {
		t.Fatal(err)
	}
}

func TestErrorKinds(t *testing.T) {
	t.Parallel()
	actAs := "You do not have permission to act as service_account: sa@p.iam.gserviceaccount.com. (or it may not exist)."
	cases := []struct {
		name    string
		err     error
		want    Kind
		account string
	}{
		{name: "actAs", err: status.Error(codes.InvalidArgument, actAs), want: ActAs, account: "sa@p.iam.gserviceaccount.com"},
		{name: "actAs by its proper code", err: status.Error(codes.PermissionDenied, actAs), want: ActAs, account: "sa@p.iam.gserviceaccount.com"},
		{name: "invalid", err: status.Error(codes.InvalidArgument, "bad spec"), want: Rejected},
		{name: "precondition", err: status.Error(codes.FailedPrecondition, "no"), want: Rejected},
		{name: "no token", err: status.Error(codes.Unauthenticated, "no"), want: Credentials},
		{name: "denied", err: status.Error(codes.PermissionDenied, "no"), want: Permission},
		{name: "not found", err: status.Error(codes.NotFound, "no"), want: NotFound},
		{name: "quota", err: status.Error(codes.ResourceExhausted, "no"), want: Quota},
		{name: "internal", err: status.Error(codes.Internal, "no"), want: Internal},
		{name: "not a status", err: os.ErrClosed, want: Internal},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Submit(t.Context(), inProcess{&service{createErrs: []error{c.err}}}, validSubmission())
			if !IsKind(err, c.want) {
				t.Fatalf("Submit() error = %#v, want kind %q", err, c.want)
			}
			if got := err.(*Error).ServiceAccount; got != c.account { //nolint:errorlint // IsKind said so
				t.Errorf("service account = %q, want %q", got, c.account)
			}
		})
	}
}
