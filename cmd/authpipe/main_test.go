package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A collection before main would cost an eighth of the start.
func TestStartCollectsNoGarbage(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "authpipe")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), program, "version")
	cmd.Env = append(os.Environ(), "GODEBUG=gctrace=1", "GOGC=")
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "gc 1 @") {
		t.Errorf("got %v and\n%s\nwant the version and no trace of a collection", err, out)
	}
}
