package gates

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/tests/internal/need"
	"github.com/authcall/authcall/tests/internal/pyenv"
)

// envoyBinary is the one in the Python packages that tests run.
func envoyBinary(t *testing.T) string {
	t.Helper()
	need.Time(t, "runs Envoy")
	need.Program(t, "python3")
	python, err := pyenv.Ensure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const find = "import envoy, pathlib; print(pathlib.Path(envoy.__file__).parent / '_bin' / 'envoy')"
	out, err := exec.CommandContext(t.Context(), python, "-c", find).Output()
	if err != nil {
		need.Missing(t, "envoy", "there is no Envoy for this machine among the Python packages")
	}
	return strings.TrimSpace(string(out))
}

// startEnvoy starts Envoy before an application, with the keys of the Google, and
// returns its URL. It picks its ports itself.
func startEnvoy(t *testing.T, g *google, app string) string {
	t.Helper()
	binary, dir := envoyBinary(t), t.TempDir()
	file := filepath.Join(dir, "envoy.yaml")
	writeConfig(t, filepath.Join("testdata", "envoy.yaml"), file, map[string]string{
		"App": port(t, app), "Google": port(t, g.api(t)), "Audience": audience,
	})
	admin := filepath.Join(dir, "admin")
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), binary, "--config-path", file, "--admin-address-path", admin,
		"--disable-hot-restart", "--concurrency", "1", "--log-level", "info")
	log := startChild(t, cmd)
	awaitLine(t, log, "starting main dispatch loop")
	address, err := os.ReadFile(admin)
	if err != nil {
		t.Fatal(err)
	}
	return "http://" + listenerOf(t, string(address))
}

// listenerOf asks Envoy where it listens.
func listenerOf(t *testing.T, admin string) string {
	t.Helper()
	response, err := http.Get("http://" + admin + "/listeners?format=json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var told struct {
		Statuses []struct {
			Local struct {
				Socket struct {
					Address string `json:"address"`
					Port    int    `json:"port_value"`
				} `json:"socket_address"`
			} `json:"local_address"`
		} `json:"listener_statuses"`
	}
	if err := json.NewDecoder(response.Body).Decode(&told); err != nil || len(told.Statuses) != 1 {
		t.Fatalf("Envoy tells of %+v, %v, want one listener", told, err)
	}
	socket := told.Statuses[0].Local.Socket
	return fmt.Sprintf("%s:%d", socket.Address, socket.Port)
}

// startChild starts a program that is killed with the test, and gives its stderr.
func startChild(t *testing.T, cmd *exec.Cmd) *bufio.Scanner {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = writer
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close() // the child has its own
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()         // by the signal
		_ = reader.Close()
	})
	return bufio.NewScanner(reader)
}

// drain reads a log to its end, so that the child never waits.
func drain(log *bufio.Scanner) {
	for log.Scan() {
		continue
	}
}

// awaitLine reads a log until a line holds the text, and goes on reading so that
// the child never waits.
func awaitLine(t *testing.T, log *bufio.Scanner, text string) {
	t.Helper()
	found, ended := make(chan bool, 1), make(chan string, 1)
	go func() {
		var all strings.Builder
		for seen := false; log.Scan(); {
			if !seen && strings.Contains(log.Text(), text) {
				seen = true
				found <- true
			}
			if !seen {
				all.WriteString(log.Text() + "\n")
			}
		}
		ended <- all.String()
	}()
	timer := time.NewTimer(time.Minute)
	defer timer.Stop()
	select {
	case <-found:
	case all := <-ended:
		t.Fatalf("the child ended before it served:\n%s", all)
	case <-timer.C:
		t.Fatal("the child does not serve")
	}
}

func writeConfig(t *testing.T, from, to string, values map[string]string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := template.Must(template.New("").Option("missingkey=error").Parse(string(text))).Execute(&b, values); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func port(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

func TestEnvoy(t *testing.T) {
	t.Parallel()
	envoyBinary(t)
	g, all := tokens(t)
	envoy := startEnvoy(t, g, startApp(t).URL)
	want := map[string]int{
		"good": 200, "none": 401, "wrong audience": 403, "expired": 401, "issued in the future": 200, "wrong issuer": 401,
		"signed by another Google": 401, "tampered claims": 401, "tampered signature": 401, "alg none": 401, "HMAC": 401, "access token": 401,
	}
	played := g.server.ServiceURL("played")
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			theirs := present(t, envoy, p.token)
			if theirs.Status != want[p.name] {
				t.Errorf("got %d %s, want %d", theirs.Status, theirs.Body, want[p.name])
			}
			if want[p.name] == http.StatusOK {
				if theirs.Body != "hello "+caller {
					t.Errorf("the application was told %q, want the caller's email", theirs.Body)
				}
				return
			}
			// The local Google plays Envoy: it must answer in the same words.
			copied := present(t, played, p.token)
			copied.Challenge = strings.Replace(copied.Challenge, played, envoy, 1)
			if diff := cmp.Diff(theirs, copied); diff != "" {
				t.Errorf("the local Google answers otherwise (-Envoy +ours):\n%s", diff)
			}
		})
	}
	t.Run("authcall", func(t *testing.T) {
		t.Parallel()
		if got := g.authcall(t, "call", "--service-account", caller, "--audience", audience, envoy+"/x"); got != "hello "+caller {
			t.Errorf("got %q, want a greeting of %s", got, caller)
		}
	})
}
