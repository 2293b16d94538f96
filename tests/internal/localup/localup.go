package localup

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Google is a running local Google.
type Google struct {
	// Env is what it prints for its clients, as NAME=VALUE.
	Env []string
	// StateDir is where it keeps its keys and buckets.
	StateDir string
}

// Start runs the authpipe in the PATH with further arguments, waits until it
// serves, and ends it with the test by SIGTERM.
func Start(t *testing.T, args ...string) *Google {
	t.Helper()
	dir := t.TempDir()
	g := &Google{StateDir: filepath.Join(dir, "state")}
	envFile := filepath.Join(dir, "env")
	args = append([]string{"local", "up", "--state-dir", g.StateDir, "--env-file", envFile}, args...)
	cmd := exec.Command("authpipe", args...) //nolint:noctx // ended in good order, by a signal
	cmd.Env = BareEnv(t)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("authpipe local up: %v\n%s", err, &stderr)
		}
	})
	// It writes the file before it prints, and prints once it serves.
	if _, err := stdout.Read(make([]byte, 1)); err != nil {
		t.Fatalf("authpipe local up: %v\n%s", err, &stderr)
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	g.readEnv(t, envFile)
	return g
}

// readEnv reads lines of export NAME='value'.
func (g *Google) readEnv(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		if !ok || !strings.HasPrefix(value, "'") || !strings.HasSuffix(value, "'") {
			t.Fatalf("got the line %q, want export NAME='value'", line)
		}
		g.Env = append(g.Env, name+"="+strings.Trim(value, "'"))
	}
}

// Value is a variable of its environment.
func (g *Google) Value(t *testing.T, name string) string {
	t.Helper()
	for _, e := range g.Env {
		if value, ok := strings.CutPrefix(e, name+"="); ok {
			return value
		}
	}
	t.Fatalf("authpipe local up gave no %s", name)
	return ""
}

// BareEnv is an environment without anything of the user's.
func BareEnv(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir}
}
