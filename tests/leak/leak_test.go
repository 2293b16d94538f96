package leak

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/localgcp"
)

const (
	pipeline = "pipeline@local-project.iam.gserviceaccount.com"
	caller   = "caller@local-project.iam.gserviceaccount.com"
	// token matches each token that the local Google hands out, and each that
	// Google does.
	token = `ya29\.[\w.~+/-]{16,}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}`
)

// world is a local Google, services that misbehave, and an environment with
// every debug switch on that a linked library knows.
type world struct {
	root   string
	env    []string
	hello  string
	plain  *httptest.Server
	secure *httptest.Server
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{root: t.TempDir()}
	config, err := localgcp.Default()
	if err != nil {
		t.Fatal(err)
	}
	config.Bindings = append(config.Bindings, localgcp.Binding{
		Role: "roles/iam.serviceAccountTokenCreator", Resource: "serviceAccounts/" + caller, Members: []string{"serviceAccount:" + pipeline},
	})
	server, err := localgcp.Start(t.Context(), localgcp.Options{Config: config, StateDir: filepath.Join(w.root, "google"), Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	if w.env, err = server.StepEnv(pipeline); err != nil {
		t.Fatal(err)
	}
	for _, v := range server.Env() { // as the developer, who sets senders up
		if strings.HasPrefix(v.Name, "AUTHPIPE_") {
			w.env = append(w.env, v.String())
		}
	}
	w.hello = server.ServiceURL("hello")
	w.plain = httptest.NewServer(http.HandlerFunc(misbehave))
	t.Cleanup(w.plain.Close)
	w.secure = httptest.NewUnstartedServer(http.HandlerFunc(misbehave))
	w.secure.EnableHTTP2 = true
	w.secure.StartTLS()
	t.Cleanup(w.secure.Close)
	roots := filepath.Join(w.root, "roots.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.secure.Certificate().Raw})
	if err := os.WriteFile(roots, block, 0o600); err != nil {
		t.Fatal(err)
	}
	w.env = append(w.env,
		"HOME="+filepath.Join(w.root, "home"), "PATH="+os.Getenv("PATH"), "TMPDIR="+w.root, "SSL_CERT_FILE="+roots,
		"AUTHCALL_LOG_LEVEL=debug", "GOOGLE_SDK_GO_LOGGING_LEVEL=debug", "GODEBUG=http2debug=2,inittrace=0",
		"GRPC_GO_LOG_SEVERITY_LEVEL=info", "GRPC_GO_LOG_VERBOSITY_LEVEL=99",
	)
	return w
}

// misbehave answers as the path says. It gives back what it was sent, where a
// message could repeat it.
func misbehave(w http.ResponseWriter, r *http.Request) {
	sent := r.Header.Get("Authorization")
	switch r.URL.Path {
	case "/echo":
		w.Header().Set("Set-Cookie", "session="+sent)
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "you sent "+sent)
	case "/cut":
		w.Header().Set("Content-Length", "100000")
		_, _ = io.WriteString(w, "short")
	case "/away":
		http.Redirect(w, r, "https://accounts.google.com/o/oauth2?token="+strings.TrimPrefix(sent, "Bearer "), http.StatusFound)
	case "/busy":
		w.WriteHeader(http.StatusTooManyRequests)
	case "/break":
		panic(http.ErrAbortHandler)
	default:
		_, _ = io.WriteString(w, `{"ok": true}`)
	}
}

// run starts a program in a folder of its own; what it prints comes back.
func (w *world) run(t *testing.T, name string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out, errOut bytes.Buffer
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Args = append([]string{name}, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = t.TempDir(), w.env, &out, &errOut
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	noLeak(t, cmd.Dir)
	return out.String(), errOut.String(), cmd.ProcessState.ExitCode()
}

func TestNoTokenIsSeen(t *testing.T) {
	w := newWorld(t)
	as := []string{"--service-account", caller}
	cases := []struct {
		name    string
		program string
		args    []string
		code    int
		echoes  bool // stdout is the service's own body, which repeats the token
	}{
		{name: "call", program: "authcall", args: append([]string{"call", "-i", w.hello}, as...)},
		{name: "call over HTTP/2", program: "authcall", args: append([]string{"call", w.secure.URL}, as...)},
		{name: "signed JWT", program: "authcall", args: append([]string{"call", w.plain.URL, "--auth", "iap-jwt"}, as...)},
		{name: "access token", program: "authcall", args: []string{"call", w.plain.URL, "--auth", "access-token"}},
		{name: "check", program: "authcall", args: append([]string{"check", w.hello}, as...)},
		{name: "check over HTTP/2", program: "authcall", args: append([]string{"check", w.secure.URL}, as...)},
		{name: "wrong audience", program: "authcall", args: append([]string{"call", w.hello, "--audience", "https://other.example"}, as...), code: 3},
		{name: "access token where an ID token is due", program: "authcall", args: []string{"call", w.hello, "--auth", "access-token"}, code: 3},
		{name: "no binding", program: "authcall", args: []string{"call", w.hello}, code: 3},
		{name: "unknown account", program: "authcall", args: []string{"call", w.hello, "--service-account", "nobody@local-project.iam.gserviceaccount.com"}, code: 3},
		{name: "an answer that repeats the token", program: "authcall", args: append([]string{"call", w.plain.URL + "/echo"}, as...), code: 1, echoes: true},
		{name: "cut body", program: "authcall", args: append([]string{"call", w.secure.URL + "/cut"}, as...), code: 4},
		{name: "redirect that repeats the token", program: "authcall", args: append([]string{"call", w.plain.URL + "/away"}, as...), code: 3, echoes: true},
		{name: "busy service", program: "authcall", args: append([]string{"call", w.plain.URL + "/busy"}, as...), code: 1},
		{name: "broken connection", program: "authcall", args: append([]string{"call", w.secure.URL + "/break"}, as...), code: 4},
		{name: "step", program: "authcall", args: []string{"component", "--executor_input", w.input(t, "")}},
		{name: "step whose answer repeats the token", program: "authcall", args: []string{"component", "--executor_input", w.input(t, "/echo")}, code: 1},
		{name: "pipeline", program: "authpipe", args: []string{"submit", "cloudrun", "--local", "--state-dir", filepath.Join(w.root, "state")}},
		{name: "failing pipeline, as JSON", program: "authpipe", args: []string{"submit", "cloudrun", "--local", "-o", "json", "--state-dir", filepath.Join(w.root, "state"), "-p", "url=" + w.plain.URL + "/away"}, code: 1},
		{name: "job", program: "authpipe", args: append([]string{"oidc", "scheduler", "create", "nightly", "--schedule", "0 3 * * *", "--url", w.hello, "--target", "cloudrun:hello", "-o", "json"}, as...)},
		{name: "job that is run", program: "authpipe", args: []string{"oidc", "scheduler", "run", "nightly", "-o", "json"}},
		{name: "job whose target repeats the token", program: "authpipe", args: []string{"oidc", "scheduler", "update", "nightly", "--url", w.plain.URL + "/echo"}},
		{name: "job that is refused", program: "authpipe", args: []string{"oidc", "scheduler", "run", "nightly"}, code: 1},
		{name: "right that is missing", program: "authpipe", args: append([]string{"oidc", "tasks", "create", "work", "--url", w.hello, "--target", "iap:dashboard", "--audience", "x"}, "--service-account", pipeline), code: 3},
		{name: "subscription", program: "authpipe", args: append([]string{"oidc", "pubsub", "create", "push", "--topic", "orders", "--push-endpoint", w.hello, "--target", "cloudrun:hello"}, as...)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out, stderr, code := w.run(t, c.program, c.args...)
			if code != c.code {
				t.Errorf("exit code %d, want %d; stderr:\n%s", code, c.code, stderr)
			}
			if !c.echoes {
				unseen(t, "stdout", out)
			}
			unseen(t, "stderr", stderr)
		})
	}
	noLeak(t, w.root)
}

// TestTheLookIsNotBlind shows that the search would find each kind of token.
func TestTheLookIsNotBlind(t *testing.T) {
	w := newWorld(t)
	for _, kind := range []string{"id-token", "iap-jwt", "access-token"} {
		args := []string{"token", "--auth", kind, "--audience", "https://svc"}
		if kind != "access-token" {
			args = append(args, "--service-account", caller)
		}
		out, stderr, code := w.run(t, "authcall", args...)
		if code != 0 || !regexp.MustCompile(token).MatchString(out) {
			t.Errorf("%s: code %d, stdout %q, stderr %q; want a token that the search knows", kind, code, out, stderr)
		}
		unseen(t, "stderr", stderr)
	}
}

// input is an executor input whose outputs go into the world's folder.
func (w *world) input(t *testing.T, path string) string {
	t.Helper()
	dir, err := os.MkdirTemp(w.root, "step")
	if err != nil {
		t.Fatal(err)
	}
	file := func(name string) map[string]string { return map[string]string{"outputFile": filepath.Join(dir, name)} }
	data, err := json.Marshal(map[string]any{
		"inputs": map[string]any{"parameterValues": map[string]any{"url": w.plain.URL + path, "service_account": caller, "result": ".body", "success": ".status < 300"}},
		"outputs": map[string]any{
			"parameters": map[string]any{"status_code": file("status_code"), "response_text": file("response_text"), "result": file("result")},
			"outputFile": filepath.Join(dir, "out.json"),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func unseen(t *testing.T, where, text string) {
	t.Helper()
	if found := regexp.MustCompile(token).FindStringIndex(text); found != nil {
		start := max(0, found[0]-80)
		t.Errorf("%s shows a token after: …%s", where, text[start:found[0]])
	}
}

// noLeak searches every file below dir, less the credentials files that the
// local Google writes for other clients because they ask for them.
func noLeak(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && (d.IsDir() || isCredential(filepath.Base(path))) {
			return nil // what a program has taken away meanwhile hides nothing else
		}
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path) //nolint:gosec // a file of this test
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		unseen(t, path, string(data))
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func isCredential(name string) bool {
	return strings.HasPrefix(name, "credentials") || strings.HasPrefix(name, "access-token") || strings.HasPrefix(name, "access_token")
}
