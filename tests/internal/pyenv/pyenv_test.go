package pyenv_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/authcall/authcall/tests/internal/need"
	"github.com/authcall/authcall/tests/internal/pyenv"
)

func TestEnsureGivesTheSamePythonEachTime(t *testing.T) {
	need.Time(t, "installs packages")
	need.Program(t, "python3")
	first, err := pyenv.Ensure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second, err := pyenv.Ensure(t.Context())
	if err != nil || second != first {
		t.Fatalf("Ensure = %q, %v; want %q again", second, err, first)
	}
	out, err := exec.Command(first, "-c", "from importlib.metadata import version; print(version('google-auth'))").CombinedOutput()
	if got := strings.TrimSpace(string(out)); err != nil || got != "2.63.0" {
		t.Errorf("google-auth is %q, %v; want the pinned 2.63.0", got, err)
	}
}
