package authpipe

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/exitcode"
)

func TestLogsOfALocalRun(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	file := filepath.Join(state, "bucket", "runs", "run-1", "call", "executor-logs")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("one\ntwo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	logs := func(t *testing.T, more ...string) *world {
		w := newWorld(t, &fakeService{script: jobs(t, "attempts.json")})
		w.startLocal = startFake(&fakeLocal{endpoint: w.defaults.VertexEndpoint, buckets: state})
		if code := w.run(t.Context(), append([]string{"runs", "logs", "run-1", "--local"}, more...)...); code != exitcode.OK {
			t.Fatalf("exit code = %d: %s", code, w.err.String())
		}
		return w
	}
	t.Run("for people", func(t *testing.T) {
		t.Parallel()
		w := logs(t)
		if got, want := w.out.String(), "one\ntwo\n"; got != want {
			t.Errorf("stdout = %q, want %q", got, want)
		}
		if got, want := w.err.String(), "call: "+file+"\n"; got != want {
			t.Errorf("stderr = %q, want %q", got, want)
		}
	})
	t.Run("for machines", func(t *testing.T) {
		t.Parallel()
		want := map[string]any{"logs": []any{map[string]any{"task": "call", "file": file, "text": "one\ntwo\n"}}}
		if diff := cmp.Diff(want, document(t, logs(t, "-o", "json").out.String())); diff != "" {
			t.Errorf("document (-want +got):\n%s", diff)
		}
	})
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		want := map[string]any{"logs": []any{}}
		if diff := cmp.Diff(want, document(t, logs(t, "-o", "json", "--task", "check").out.String())); diff != "" {
			t.Errorf("document (-want +got):\n%s", diff)
		}
	})
}

func TestLogsOfARunInTheCloudAsJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeService{script: jobs(t, "attempts.json")})
	if code := w.run(t.Context(), "runs", "logs", "run-1", "-o", "json"); code != exitcode.OK {
		t.Fatalf("exit code = %d: %s", code, w.err.String())
	}
	golden(t, "runs-logs.json.golden", w.out.String())
}
