package image

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const goStep = "authcall-test/go-step"

// newGoStep builds the component in Go, which writes its own definition, and lays
// that on a desk.
func newGoStep(t *testing.T) *desk {
	t.Helper()
	withBase(t)
	e, interpreter := withPythonImage(t)
	docker(t, e, "build", "--quiet", "--network", "none", "--build-arg", "BASE="+goBase, "--tag", goStep,
		"--file", filepath.Join(ours.source, "examples", "go-step", "Dockerfile"), ours.source)
	d := newDesk(t, interpreter, built)
	d.env = append(d.env, e.Env()...)
	definition := docker(t, e, "run", "--rm", "--network", "none", goStep, "/go-step", "--component-yaml", goStep+":latest")
	if err := os.WriteFile(filepath.Join(d.dir, "count-words.yaml"), []byte(definition), 0o644); err != nil {
		t.Fatal(err)
	}
	return d
}

// A component of thirty lines of Go runs where one in Python does.
func TestGoStep(t *testing.T) {
	t.Parallel()
	d := newGoStep(t)
	t.Run("KFP's Docker runner", func(t *testing.T) {
		t.Parallel()
		got := d.kfp(t, "go-step/pipeline", map[string]any{"text": "one two three"}, nil)
		if diff := cmp.Diff(map[string][2]any{"Output": {"int", 3.0}}, got.Outputs); got.Error != "" || diff != "" {
			t.Errorf("%s: outputs (-want +got):\n%s\n%s", got.Error, diff, got.Log)
		}
	})
	t.Run("our local runner", func(t *testing.T) {
		t.Parallel()
		state := t.TempDir()
		got := d.submit(t, "go-step/pipeline", state, "text=one two three")
		if diff := cmp.Diff([]any{3.0}, got.outputs("count-words", "words")); got.State != succeeded || diff != "" {
			t.Errorf("%s: words (-want +got):\n%s\n%s", got.State, diff, got.said)
		}
		lists, err := filepath.Glob(filepath.Join(state, "gcs", "*", "*", "*", "count-words", "list"))
		if err != nil || len(lists) != 1 {
			t.Fatalf("lists %q, %v", lists, err)
		}
		if list, err := os.ReadFile(lists[0]); err != nil || string(list) != "one\ntwo\nthree\n" {
			t.Errorf("the list holds %q, %v", list, err)
		}
	})
}

func TestGoStepHasAtMostThirtyLines(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join("..", "..", "examples", "go-step", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(source), "\n"); lines > 30 {
		t.Errorf("the program has %d lines", lines)
	}
}
