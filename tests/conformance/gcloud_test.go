package conformance

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/authcall/authcall/tests/internal/need"
)

// gcloudCLI runs gcloud with nothing but the printed environment, and
// returns what it prints and says.
type gcloudCLI struct {
	program string
	google  *localGoogle
}

func newGcloud(t *testing.T, g *localGoogle) gcloudCLI {
	t.Helper()
	need.Time(t, "runs gcloud")
	return gcloudCLI{need.Program(t, "gcloud"), g}
}

func (g gcloudCLI) try(t *testing.T, command string, flags ...string) (string, error) {
	t.Helper()
	args := append(strings.Fields(command), flags...)
	cmd := exec.CommandContext(t.Context(), g.program, args...)
	cmd.Env = append(bareEnv(t), g.google.env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// run wants success, and each of the texts in what gcloud says.
func (g gcloudCLI) run(t *testing.T, command string, wants ...string) string {
	t.Helper()
	out, err := g.try(t, command)
	if err != nil {
		t.Fatalf("gcloud %s: %v\n%s", command, err, out)
	}
	for _, want := range wants {
		if !strings.Contains(out, want) {
			t.Errorf("gcloud %s said %q, want %q in it", command, out, want)
		}
	}
	return out
}

// fails wants a failure that says the text.
func (g gcloudCLI) fails(t *testing.T, command, want string) {
	t.Helper()
	if out, err := g.try(t, command); err == nil || !strings.Contains(out, want) {
		t.Errorf("gcloud %s: got %v, %s, want a failure with %q", command, err, out, want)
	}
}
