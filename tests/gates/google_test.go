package gates

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/localgcp"
)

const (
	audience = "https://svc.example"
	pipeline = "pipeline@local-project.iam.gserviceaccount.com"
	caller   = "caller@local-project.iam.gserviceaccount.com"
)

// config lets the pipeline get every kind of credential of the caller, and plays
// Envoy before a service.
const config = `
accounts: [{email: ` + pipeline + `}, {email: ` + caller + `}]
users: [developer@example.com]
bindings:
  - role: roles/iam.serviceAccountTokenCreator
    resource: serviceAccounts/` + caller + `
    members: ["serviceAccount:` + pipeline + `"]
services: [{name: played, kind: envoy, app: hello, audiences: ["` + audience + `"]}]
`

// google is a local Google and the environment of a step in it.
type google struct {
	server *localgcp.Server
	env    []string
}

// startGoogle starts one over the state directory; more is added to its
// configuration.
func startGoogle(t *testing.T, dir, more string) *google {
	t.Helper()
	parsed, err := localgcp.ParseConfig([]byte(config + more))
	if err != nil {
		t.Fatal(err)
	}
	server, err := localgcp.Start(t.Context(), localgcp.Options{Config: parsed, StateDir: dir, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	env, err := server.StepEnv(pipeline)
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	return &google{server, append(env, "PATH="+os.Getenv("PATH"), "HOME="+home, "TMPDIR="+home)}
}

// api is the base URL of Google's APIs here.
func (g *google) api(t *testing.T) string {
	t.Helper()
	for _, v := range g.env {
		if url, ok := strings.CutPrefix(v, "AUTHCALL_IAM_ENDPOINT="); ok {
			return url
		}
	}
	t.Fatal("the step's environment has no AUTHCALL_IAM_ENDPOINT")
	return ""
}

// authcall runs the program as a step and returns its stdout.
func (g *google) authcall(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "authcall", args...)
	cmd.Env = g.env
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("authcall %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return strings.TrimSpace(string(out))
}

// startApp is the application behind the gates. It tells whom the gate named to
// it.
func startApp(t *testing.T) *httptest.Server {
	t.Helper()
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("hello " + r.Header.Get("X-Jwt-Email")))
	}))
	t.Cleanup(app.Close)
	return app
}
