package conformance

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/authcall/authcall/internal/cli/authcall"
	"github.com/authcall/authcall/internal/cli/authpipe"
	"github.com/authcall/authcall/internal/interrupt"
)

// TestMain lets this very binary be both programs, found in the PATH under
// their names.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"authcall": program(authcall.Main),
		"authpipe": program(authpipe.Main),
	})
}

// program is what cmd's main packages do.
func program(main func(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int) func() {
	return func() {
		ctx, stop := interrupt.Context(context.Background())
		code := main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
}

// localGoogle is a running `authpipe local up`.
type localGoogle struct {
	// env is what it prints for other clients, as NAME=VALUE.
	env []string
}

// localUp starts `authpipe local up`, waits until it serves, and ends it with
// the test by SIGTERM.
func localUp(t *testing.T, args ...string) *localGoogle {
	t.Helper()
	dir := t.TempDir()
	envFile := filepath.Join(dir, "env")
	args = append([]string{"local", "up", "--state-dir", filepath.Join(dir, "state"), "--env-file", envFile}, args...)
	cmd := exec.Command("authpipe", args...)
	cmd.Env = bareEnv(t)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, cmd, &stderr) })
	// It writes the file before it prints, and prints once it serves.
	if _, err := stdout.Read(make([]byte, 1)); err != nil {
		t.Fatalf("authpipe local up: %v\n%s", err, &stderr)
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	return &localGoogle{env: readEnv(t, envFile)}
}

// readEnv reads lines of export NAME='value' as NAME=value.
func readEnv(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var env []string
	for line := range strings.Lines(string(data)) {
		env = append(env, unquoted(t, strings.TrimSuffix(line, "\n")))
	}
	return env
}

func stop(t *testing.T, cmd *exec.Cmd, stderr fmt.Stringer) {
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("authpipe local up: %v\n%s", err, stderr)
	}
}

// unquoted turns export NAME='value' into NAME=value.
func unquoted(t *testing.T, line string) string {
	t.Helper()
	name, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
	if !ok || !strings.HasPrefix(value, "'") || !strings.HasSuffix(value, "'") {
		t.Fatalf("got the line %q, want export NAME='value'", line)
	}
	return name + "=" + strings.Trim(value, "'")
}

func (g *localGoogle) value(t *testing.T, name string) string {
	t.Helper()
	for _, e := range g.env {
		if value, ok := strings.CutPrefix(e, name+"="); ok {
			return value
		}
	}
	t.Fatalf("authpipe local up gave no %s", name)
	return ""
}
