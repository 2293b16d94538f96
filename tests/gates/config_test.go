package gates

import (
	"bufio"
	"cmp"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"text/template"

	"github.com/authcall/authcall/internal/cli/authpipe"
	"github.com/authcall/authcall/tests/internal/need"
)

// authpipeRun runs the program's main in this process and returns its stdout.
func authpipeRun(t *testing.T, args ...string) string {
	t.Helper()
	var out, stderr strings.Builder
	if code := authpipe.Main(t.Context(), args, strings.NewReader(""), &out, &stderr); code != 0 {
		t.Fatalf("authpipe %s: exit code %d\n%s", strings.Join(args, " "), code, &stderr)
	}
	return out.String()
}

// gateConfig writes what `authpipe gate config` prints for a Google, an application
// and one caller.
func gateConfig(t *testing.T, g *google, proxy, app, email string, more ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), proxy+".conf")
	args := []string{
		"gate", "config", proxy, "--audience", "https://first.example", "--audience", audience, "--email", "first@example.com", "--email", email,
		"--keys-url", keysURL(t, g), "--upstream", strings.TrimPrefix(app, "http://"),
	}
	if err := os.WriteFile(file, []byte(authpipeRun(t, append(args, more...)...)), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func keysURL(t *testing.T, g *google) string { return g.api(t) + "/oauth2/v3/certs" }

// verdicts holds a proxy, as it is configured for a caller, to all tokens. Where
// nothing else is wanted it answers with 401.
func verdicts(t *testing.T, start func(t *testing.T, g *google, app, email string) string, other map[string]int) {
	t.Helper()
	want := func(name string) int { return cmp.Or(other[name], http.StatusUnauthorized) }
	g, all := tokens(t)
	app := startApp(t).URL
	proxy := start(t, g, app, caller)
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			status, body := presentSpoofed(t, proxy, p.token)
			if status != want(p.name) {
				t.Errorf("got %d %q, want %d", status, body, want(p.name))
			}
			if p.name == "good" && body != "hello "+caller {
				t.Errorf("the application was told %q, want the caller's email", body)
			}
		})
	}
	t.Run("caller not on the list", func(t *testing.T) {
		t.Parallel()
		status, body := presentSpoofed(t, start(t, g, app, "second@example.com"), all[0].token)
		if status != want("caller not on the list") || strings.HasPrefix(body, "hello") {
			t.Errorf("got %d %q, want %d", status, body, want("caller not on the list"))
		}
	})
}

// presentSpoofed makes a request that says itself who the caller is, which only
// the proxy may say.
func presentSpoofed(t *testing.T, url, token string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Jwt-Email", "mallet@example.com")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestConfigOfEnvoy(t *testing.T) {
	t.Parallel()
	binary := envoyBinary(t)
	start := func(t *testing.T, g *google, app, email string) string {
		file := gateConfig(t, g, "envoy", app, email, "--listen", "127.0.0.1:0")
		admin := filepath.Join(t.TempDir(), "admin")
		log := startChild(t, exec.CommandContext(context.WithoutCancel(t.Context()), binary, "--config-path", renamed(t, file, ".yaml"),
			"--config-yaml", "admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}", "--admin-address-path", admin,
			"--disable-hot-restart", "--concurrency", "1", "--log-level", "info"))
		awaitLine(t, log, "starting main dispatch loop")
		address, err := os.ReadFile(admin)
		if err != nil {
			t.Fatal(err)
		}
		return "http://" + listenerOf(t, string(address))
	}
	// Envoy does not look at the time of issue.
	verdicts(t, start, map[string]int{"good": 200, "issued in the future": 200, "wrong audience": 403, "caller not on the list": 403})
}

// renamed gives a file another ending, by which Envoy knows its language.
func renamed(t *testing.T, file, ending string) string {
	t.Helper()
	to := strings.TrimSuffix(file, filepath.Ext(file)) + ending
	if err := os.Rename(file, to); err != nil {
		t.Fatal(err)
	}
	return to
}

func TestConfigOfHAProxy(t *testing.T) {
	t.Parallel()
	need.Time(t, "runs HAProxy")
	binary := need.Program(t, "haproxy")
	start := func(t *testing.T, g *google, app, email string) string {
		keys := t.TempDir()
		authpipeRun(t, "gate", "keys", keys, "--keys-url", keysURL(t, g))
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		socket, err := listener.(*net.TCPListener).File()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = socket.Close(); _ = listener.Close() })
		cmd := exec.CommandContext(context.WithoutCancel(t.Context()), binary, "-db", "-f", gateConfig(t, g, "haproxy", app, email, "--listen", "fd@3", "--keys-dir", keys))
		cmd.ExtraFiles = []*os.File{socket} // file descriptor 3
		go drain(startChild(t, cmd))
		return "http://" + listener.Addr().String()
	}
	verdicts(t, start, map[string]int{"good": 200, "caller not on the list": 403})
}

// apacheMain is the rest of the configuration of an Apache in a directory of its
// own.
const apacheMain = `ServerRoot {{.Dir}}
ServerName localhost
PidFile {{.Dir}}/pid
ErrorLog /dev/stderr
LogLevel info
Mutex default:{{.Dir}}
{{- range .Modules}}
LoadModule {{.}}_module /usr/lib/apache2/modules/mod_{{.}}.so
{{- end}}
{{- if .Root}}
User www-data
Group www-data
{{- end}}
Include {{.Config}}
`

func TestConfigOfApache(t *testing.T) {
	t.Parallel()
	need.Time(t, "runs Apache")
	binary := need.Program(t, "apache2")
	if _, err := os.Stat("/usr/lib/apache2/modules/mod_oauth2.so"); err != nil {
		need.Missing(t, "mod_oauth2", err.Error())
	}
	start := func(t *testing.T, g *google, app, email string) string {
		for range 10 {
			listen := freeAddress(t)
			if log := startApache(t, binary, gateConfig(t, g, "apache", app, email, "--listen", listen)); serves(log) {
				return "http://" + listen
			}
		}
		t.Fatal("Apache found no free port in ten attempts")
		return ""
	}
	verdicts(t, start, map[string]int{"good": 200})
}

func startApache(t *testing.T, binary, config string) *bufio.Scanner {
	t.Helper()
	dir := t.TempDir()
	file, err := os.Create(filepath.Join(dir, "apache2.conf"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	modules := []string{"mpm_event", "authn_core", "authz_core", "auth_basic", "headers", "proxy", "proxy_http", "oauth2"}
	err = template.Must(template.New("").Parse(apacheMain)).Execute(file, map[string]any{"Dir": dir, "Modules": modules, "Root": os.Geteuid() == 0, "Config": config})
	if err != nil {
		t.Fatal(err)
	}
	return startChild(t, exec.CommandContext(context.WithoutCancel(t.Context()), binary, "-X", "-f", file.Name()))
}

// freeAddress is one that was free a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// serves reads Apache's log until it says that it serves, or ends. By the time
// that the module starts, the port is open.
func serves(log *bufio.Scanner) bool {
	for log.Scan() {
		if strings.Contains(log.Text(), "liboauth2") {
			go drain(log)
			return true
		}
	}
	return false
}
