package authcall

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/authcall/authcall/internal/exitcode"
)

// run runs the program and returns its exit code and what it printed.
func run(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	code = Main(t.Context(), args, strings.NewReader(stdin), &out, &errOut)
	return code, out.String(), errOut.String()
}

// echo answers with what it was asked.
func echo(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if r.URL.Path == "/teapot" {
			w.WriteHeader(http.StatusTeapot)
		}
		_, _ = fmt.Fprintf(w, "%s %s %s %q", r.Method, r.Header.Get("X-Team"), r.Header.Get("Content-Type"), body)
	}))
	t.Cleanup(server.Close)
	return server
}

func TestCall(t *testing.T) {
	server := echo(t)
	file := filepath.Join(t.TempDir(), "body.txt")
	if err := os.WriteFile(file, []byte("from a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name  string
		args  []string
		stdin string
		want  string
	}{
		{name: "GET without a body", want: `GET   ""`},
		{name: "POST with one", args: []string{"-d", `{"n":1}`}, want: `POST  application/json "{\"n\":1}"`},
		{name: "method", args: []string{"-X", "PUT", "-d", "text"}, want: `PUT  text/plain; charset=utf-8 "text"`},
		{name: "long names", args: []string{"--method", "DELETE", "--headers", `{"X-Team": "ml"}`}, want: `DELETE ml  ""`},
		{name: "header, after the URL too", args: []string{"-H", "X-Team: a b"}, want: `GET a b  ""`},
		{name: "body from a file", args: []string{"-d", "@" + file}, want: `POST  text/plain; charset=utf-8 "from a file"`},
		{name: "body from stdin", args: []string{"-d", "@-"}, stdin: "piped", want: `POST  text/plain; charset=utf-8 "piped"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, args := range [][]string{append([]string{server.URL}, c.args...), append(c.args[:len(c.args):len(c.args)], server.URL)} {
				code, out, stderr := run(t, c.stdin, append([]string{"call", "--auth", "none"}, args...)...)
				if code != 0 || out != c.want {
					t.Errorf("authcall call %q: code %d, stdout %q, stderr %q; want %q", args, code, out, stderr, c.want)
				}
			}
		})
	}
}

func TestCallOutput(t *testing.T) {
	server := echo(t)
	file := filepath.Join(t.TempDir(), "deep/answer")
	code, out, stderr := run(t, "", "call", "--auth=none", "-i", "-o", file, server.URL)
	if code != 0 || !strings.HasPrefix(out, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n") || !strings.HasSuffix(out, "\r\n\r\n") {
		t.Errorf("code %d, stdout %q, stderr %q; want status and headers alone", code, out, stderr)
	}
	if body, err := os.ReadFile(file); err != nil || string(body) != `GET   ""` {
		t.Errorf("the file holds %q, %v", body, err)
	}
}

func TestExitCodesAndMessages(t *testing.T) {
	server := echo(t)
	t.Setenv("HOME", t.TempDir())
	cases := []struct {
		name   string
		args   []string
		code   int
		stderr string
	}{
		{"no command", nil, exitcode.Usage, "Commands:"},
		{"unknown command", []string{"cal"}, exitcode.Usage, `authcall: unknown command "cal"`},
		{"unknown flag", []string{"call", "--nope", "https://a"}, exitcode.Usage, "authcall: flag provided but not defined: -nope; 'authcall call -h' lists the flags"},
		{"bad value", []string{"call", "--max-attempts", "x", "https://a"}, exitcode.Usage, "max_attempts: want a whole number"},
		{"no URL", []string{"call"}, exitcode.Usage, "call takes one URL, got 0 arguments"},
		{"two URLs", []string{"call", "https://a", "https://b"}, exitcode.Usage, "call takes one URL, got 2"},
		{"not a URL", []string{"call", "hello"}, exitcode.Usage, `url is "hello"`},
		{"header", []string{"call", "-H", "nonsense", "https://a"}, exitcode.Usage, "want 'Name: value'"},
		{"missing body file", []string{"call", "-d", "@/nowhere", "https://a"}, exitcode.Usage, "/nowhere"},
		{"no success", []string{"call", "--auth=none", server.URL + "/teapot"}, exitcode.Failed, "authcall: GET " + server.URL + "/teapot without a credential: 418 I'm a teapot"},
		{"no success that may pass", []string{"call", "--auth=none", "--fail-on-http-error=false", server.URL + "/teapot"}, exitcode.OK, ""},
		{"no executor input", []string{"component"}, exitcode.Usage, "--executor_input is missing"},
		{"executor input that is not JSON", []string{"component", "--executor_input", "{"}, exitcode.Usage, "executor input is not JSON"},
		{"argument to component", []string{"component", "x"}, exitcode.Usage, `component takes flags only, got "x"`},
		{"token for nothing", []string{"token"}, exitcode.Usage, "audience is missing"},
		{"unknown kind", []string{"token", "--auth", "basic", "https://a"}, exitcode.Usage, `unknown auth "basic", want one of`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code, _, stderr := run(t, "", c.args...)
			if code != c.code || !strings.Contains(stderr, c.stderr) || c.stderr == "" && stderr != "" {
				t.Errorf("code %d, stderr %q; want %d, %q", code, stderr, c.code, c.stderr)
			}
			if lines := strings.Count(stderr, "\n"); c.args != nil && lines > 1 {
				t.Errorf("the message has %d lines, want one:\n%s", lines, stderr)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"--help"}, {"help", "call"}, {"call", "-h"}, {"component", "-h"}, {"token", "--help"}, {"version", "-h"}} {
		code, out, stderr := run(t, "", args...)
		if code != 0 || stderr != "" || !strings.Contains(out, "sage:") && !strings.Contains(out, "Commands:") {
			t.Errorf("authcall %q: code %d, stdout %q, stderr %q; want help on stdout", args, code, out, stderr)
		}
	}
	_, out, _ := run(t, "", "call", "-h")
	for _, want := range []string{"Examples:", "-service-account", "-X method", "(default 300)"} {
		if !strings.Contains(out, want) {
			t.Errorf("help of call lacks %q", want)
		}
	}
}

func TestVersion(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"--version"}} {
		if code, out, _ := run(t, "", args...); code != 0 || !strings.HasPrefix(out, "authcall ") {
			t.Errorf("authcall %q: code %d, stdout %q", args, code, out)
		}
	}
}

func TestLogLevelIsChecked(t *testing.T) {
	t.Setenv("AUTHCALL_LOG_LEVEL", "loud")
	code, _, stderr := run(t, "", "call", "https://a")
	if code != exitcode.Usage || !strings.Contains(stderr, `unknown log level "loud"`) {
		t.Errorf("code %d, stderr %q", code, stderr)
	}
}
