package conformance

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/authcall/authcall/tests/internal/localup"
	"github.com/authcall/authcall/tests/internal/need"
	"github.com/authcall/authcall/tests/internal/pyenv"
)

// python runs a program of python/ and returns what it prints. The environment
// is built from nothing, so that the clients find only what the test gives.
func python(t *testing.T, env []string, script string, args ...string) []byte {
	t.Helper()
	need.Time(t, "runs Python")
	need.Program(t, "python3")
	interpreter, err := pyenv.Ensure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), interpreter, append([]string{filepath.Join("python", script)}, args...)...)
	cmd.Env = append(bareEnv(t), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", script, strings.Join(args, " "), err, tail(&stderr))
	}
	return out
}

// pythonJSON is python for a program whose last line is one JSON document; what
// comes before it is Google's libraries talking.
func pythonJSON[T any](t *testing.T, env []string, script string, args ...string) T {
	t.Helper()
	var got T
	out := bytes.TrimSpace(python(t, env, script, args...))
	last := out[bytes.LastIndexByte(out, '\n')+1:]
	if err := json.Unmarshal(last, &got); err != nil {
		t.Fatalf("%s ended with %q: %v", script, last, err)
	}
	return got
}

// bareEnv is an environment without anything of the user's.
func bareEnv(t *testing.T) []string {
	t.Helper()
	return append(localup.BareEnv(t), "PYTHONDONTWRITEBYTECODE=1", "PYTHONWARNINGS=ignore")
}

// tail is the end of a program's stderr, where Python tells what went wrong.
func tail(b *bytes.Buffer) string {
	const most = 4000
	text := b.String()
	return text[max(0, len(text)-most):]
}
