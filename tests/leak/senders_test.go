package leak

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const location = "projects/local-project/locations/us-central1"

// google is a running `authpipe local up -v`, whose environment turns every debug
// switch on.
type google struct {
	dir    string
	api    string
	token  string // of the developer
	stderr bytes.Buffer
	end    func()
}

func localUp(t *testing.T) *google {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	g := &google{dir: t.TempDir()}
	envFile := filepath.Join(g.dir, "env")
	cmd := exec.Command(self)
	cmd.Args = []string{"authpipe", "local", "up", "-v", "--state-dir", filepath.Join(g.dir, "state"), "--env-file", envFile}
	cmd.Dir, cmd.Stderr = g.dir, &g.stderr
	cmd.Env = []string{
		"HOME=" + g.dir, "TMPDIR=" + g.dir, "PATH=" + os.Getenv("PATH"), "GOOGLE_SDK_GO_LOGGING_LEVEL=debug", "GODEBUG=http2debug=2",
		"GRPC_GO_LOG_SEVERITY_LEVEL=info", "GRPC_GO_LOG_VERBOSITY_LEVEL=99",
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	g.end = sync.OnceFunc(func() {
		if err := errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()); err != nil {
			t.Errorf("authpipe local up: %v\n%s", err, &g.stderr)
		}
	})
	t.Cleanup(g.end)
	g.readEnv(t, envFile)
	return g
}

// readEnv waits until the server serves, which it tells by the file.
func (g *google) readEnv(t *testing.T, envFile string) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	data, err := os.ReadFile(envFile)
	for ; errors.Is(err, fs.ErrNotExist); data, err = os.ReadFile(envFile) {
		select {
		case <-t.Context().Done():
			t.Fatal("it does not serve")
		case <-tick.C:
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if value, ok := strings.CutPrefix(line, "export AUTHPIPE_LOCAL_ENDPOINT="); ok {
			g.api = strings.Trim(strings.TrimSpace(value), "'")
		}
	}
	token, err := os.ReadFile(filepath.Join(g.dir, "state", "access-token"))
	if err != nil {
		t.Fatal(err)
	}
	g.token = string(token)
}

// ask calls an API as the developer, who must be answered with success.
func (g *google) ask(t *testing.T, method, path, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, g.api+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+g.token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if text, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: got %s %s, %v", method, path, answer.Status, text, err)
	}
}

// send lets each sender call the path of a target.
func (g *google) send(t *testing.T, name, target string) {
	t.Helper()
	token := fmt.Sprintf(`{"serviceAccountEmail": %q, "audience": %q}`, caller, target)
	g.ask(t, http.MethodPost, "/v1/"+location+"/jobs", fmt.Sprintf(
		`{"name": "%s/jobs/%s", "schedule": "0 0 1 1 *", "httpTarget": {"uri": %q, "oidcToken": %s}}`, location, name, target, token))
	g.ask(t, http.MethodPost, "/v1/"+location+"/jobs/"+name+":run", "{}")
	g.ask(t, http.MethodPost, "/v2/"+location+"/queues", fmt.Sprintf(`{"name": "%s/queues/%s"}`, location, name))
	g.ask(t, http.MethodPost, "/v2/"+location+"/queues/"+name+"/tasks", fmt.Sprintf(`{"task": {"httpRequest": {"url": %q, "oidcToken": %s}}}`, target, token))
	topic := "projects/local-project/topics/" + name
	g.ask(t, http.MethodPut, "/v1/"+topic, "{}")
	g.ask(t, http.MethodPut, "/v1/projects/local-project/subscriptions/"+name, fmt.Sprintf(
		`{"topic": %q, "pushConfig": {"pushEndpoint": %q, "oidcToken": %s}}`, topic, target, token))
	g.ask(t, http.MethodPost, "/v1/"+topic+":publish", `{"messages": [{"data": "aGVsbG8="}]}`)
}

// Whatever targets do with the tokens that senders bring them, the local Google says
// and keeps none.
func TestNoTokenOfASenderIsSeen(t *testing.T) {
	called := make(chan string, 1000)
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Header.Get("Authorization"), "Bearer eyJ") {
			sender, _, _ := strings.Cut(r.Header.Get("User-Agent"), ";")
			select {
			case called <- sender + r.URL.Path:
			default: // a retry too many
			}
		}
		misbehave(w, r)
	}))
	t.Cleanup(target.Close)
	g := localUp(t)
	var want []string
	for _, name := range []string{"echo", "cut", "away", "busy", "break"} {
		g.send(t, name, target.URL+"/"+name)
		want = append(want, "Google-Cloud-Scheduler/"+name, "Google-Cloud-Tasks/"+name, "APIs-Google/"+name)
	}
	for len(want) > 0 {
		select {
		case seen := <-called:
			want = slices.DeleteFunc(want, func(w string) bool { return w == seen })
		case <-t.Context().Done():
			t.Fatalf("nobody came for %q", want)
		}
	}
	g.end()
	unseen(t, "stderr", g.stderr.String())
	if !strings.Contains(g.stderr.String(), "/echo") {
		t.Errorf("the log tells of no delivery:\n%s", &g.stderr)
	}
	noLeak(t, g.dir)
}
