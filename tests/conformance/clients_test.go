package conformance

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/authcall/authcall/tests/internal/need"
)

const caller = "caller@local-project.iam.gserviceaccount.com"

// The flow that people write in Python gets from the service what we get.
func TestPythonFlowGetsTheSameAnswer(t *testing.T) {
	t.Parallel()
	google := localUp(t)
	hello := google.value(t, "AUTHPIPE_LOCAL_URL_HELLO")

	type answer struct {
		Status int
		Body   string
	}
	theirs := pythonJSON[answer](t, google.env, "flow.py", hello, "--service-account", caller, "--audience", hello, "--body", `{"n": 1}`)
	want := ours(t, google.env, "call", "--service-account", caller, "-d", `{"n": 1}`, hello)
	if theirs.Status != 200 || theirs.Body != want {
		t.Errorf("Python got %d %q, authcall got %q", theirs.Status, theirs.Body, want)
	}
	if !strings.Contains(want, caller) {
		t.Errorf("got %q, want it to greet %s", want, caller)
	}

	refused := pythonJSON[answer](t, google.env, "flow.py", hello, "--service-account", caller, "--audience", "https://wrong.example")
	if refused.Status != 401 {
		t.Errorf("with a wrong audience Python got %d, want 401", refused.Status)
	}
}

// The obvious way fails as it fails on Vertex AI, where the metadata server
// mints no ID tokens.
func TestFetchIDTokenFailsAsOnVertex(t *testing.T) {
	t.Parallel()
	google := localUp(t)
	type failure struct{ Type, Message string }
	got := pythonJSON[failure](t, google.env, "fetch_id_token.py", google.value(t, "AUTHPIPE_LOCAL_URL_HELLO"))
	if got.Type != "TransportError" && got.Type != "RefreshError" || !strings.Contains(got.Message, "404") {
		t.Errorf("fetch_id_token raised %s: %s; want the metadata server's 404", got.Type, got.Message)
	}
}

// gcloud mints a token by impersonation, with an access token of the developer,
// and the service lets it in.
func TestGcloudMintsATokenThatTheServiceTakes(t *testing.T) {
	t.Parallel()
	need.Time(t, "runs gcloud")
	gcloud := need.Program(t, "gcloud")
	google := localUp(t)
	hello := google.value(t, "AUTHPIPE_LOCAL_URL_HELLO")

	cmd := exec.CommandContext(t.Context(), gcloud, "auth", "print-identity-token",
		"--impersonate-service-account="+caller, "--audiences="+hello, "--include-email")
	cmd.Env = append(bareEnv(t), google.env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("gcloud: %v\n%s", err, &stderr)
	}
	token := strings.TrimSpace(string(out))
	want := map[string]any{"aud": hello, "email": caller, "email_verified": true, "iss": "https://accounts.google.com"}
	claims := claimsOf(t, token)
	for name, value := range want {
		if claims[name] != value {
			t.Errorf("claim %s is %v, want %v", name, claims[name], value)
		}
	}

	headers, err := json.Marshal(map[string]string{"Authorization": "Bearer " + token})
	if err != nil {
		t.Fatal(err)
	}
	env := slices.Concat(google.env, []string{"AUTHCALL_HEADERS=" + string(headers)})
	if answer := ours(t, env, "call", "--auth", "none", hello); !strings.Contains(answer, caller) {
		t.Errorf("the service answered %q, want it to greet %s", answer, caller)
	}
}

// ours runs authcall and returns its stdout.
func ours(t *testing.T, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "authcall", args...)
	cmd.Env = append(bareEnv(t), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("authcall %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return string(out)
}

func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := parsed.UnsafeClaimsWithoutVerification(&claims); err != nil {
		t.Fatal(err)
	}
	return claims
}
