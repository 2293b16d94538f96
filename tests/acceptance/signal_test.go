package acceptance

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestASignalEndsACallCleanly stops a step in the middle of its answer: the
// exit code tells which signal it was, and nothing half-done is left behind.
func TestASignalEndsACallCleanly(t *testing.T) {
	t.Parallel()
	for signal, want := range map[syscall.Signal]int{syscall.SIGTERM: 143, syscall.SIGINT: 130} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			begun := make(chan struct{})
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, "half of the answer")
				_ = http.NewResponseController(w).Flush()
				close(begun)
				<-r.Context().Done()
			}))
			defer server.Close()
			dir := t.TempDir()
			step := stepInto(t, dir, server.URL)
			if err := step.Start(); err != nil {
				t.Fatal(err)
			}
			<-begun
			if err := step.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			var exit *exec.ExitError
			if err := step.Wait(); !errors.As(err, &exit) || exit.ExitCode() != want {
				t.Errorf("the step ended with %v, want exit code %d", err, want)
			}
			left, err := os.ReadDir(filepath.Join(dir, "artifacts"))
			if err != nil || len(left) != 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// stepInto is the step that calls url with its outputs below dir. It is killed
// if it does not end by itself.
func stepInto(t *testing.T, dir, url string) *exec.Cmd {
	t.Helper()
	input, err := json.Marshal(map[string]any{
		"inputs": map[string]any{"parameterValues": map[string]string{"url": url, "auth": "none", "method": "GET"}},
		"outputs": map[string]any{"artifacts": map[string]any{"response": map[string]any{"artifacts": []any{
			map[string]string{"name": "r", "uri": filepath.Join(dir, "artifacts", "response")},
		}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, self)
	cmd.Args = []string{"authcall", "component", "--executor_input", string(input)}
	return cmd
}
