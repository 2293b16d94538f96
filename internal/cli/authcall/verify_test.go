package authcall

import (
	"strings"
	"testing"

	"github.com/authcall/authcall/internal/exitcode"
)

func TestVerify(t *testing.T) {
	foreign := "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJldmlsXHUwMDFiWzJKIiwiYXVkIjoiYSIsImV4cCI6MH0.AAAA" // its issuer clears the terminal
	cases := []struct {
		name   string
		stdin  string
		args   []string
		code   int
		stdout string
		stderr string
	}{
		{name: "nothing", code: exitcode.Failed, stdout: "valid  no: missing: no token was given"},
		{name: "nonsense", stdin: "hello\n", code: exitcode.Failed, stdout: "no: malformed: it is not a signed JWT in compact form"},
		{name: "as in a header", stdin: "Bearer ya29.x\n", code: exitcode.Failed, stdout: "OAuth access token"},
		{name: "issuer that nobody knows", stdin: foreign, code: exitcode.Failed, stdout: "no: issuer: its issuer is not Google"},
		{name: "time", stdin: foreign, code: exitcode.Failed, stdout: "1970-01-01T00:00:00Z"},
		{name: "JSON", stdin: foreign, args: []string{"-o", "json"}, code: exitcode.Failed, stdout: `"reason": "issuer"`},
		{name: "argument", args: []string{"x"}, code: exitcode.Usage, stderr: "verify reads the token from stdin and takes no argument, got 1"},
		{name: "format", args: []string{"-o", "yaml"}, code: exitcode.Usage, stderr: `--output is "yaml", want text or json`},
		{name: "unknown flag", args: []string{"--nope"}, code: exitcode.Usage, stderr: "-nope"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code, out, stderr := run(t, c.stdin, append([]string{"verify"}, c.args...)...)
			if code != c.code || !strings.Contains(out, c.stdout) || !strings.Contains(stderr, c.stderr) {
				t.Errorf("code %d, stdout %q, stderr %q; want %d, %q, %q", code, out, stderr, c.code, c.stdout, c.stderr)
			}
			if strings.Contains(out, "\x1b") || c.stdin == foreign && strings.Contains(out, foreign) {
				t.Errorf("the terminal is not safe: %q", out)
			}
		})
	}
}
