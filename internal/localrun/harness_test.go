package localrun_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/authcall/authcall/internal/localrun"
	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/pipelines"
)

// buckets is a directory that stands for all buckets.
type buckets string

func (b buckets) LocalPath(uri string) string {
	rest, ok := strings.CutPrefix(uri, "gs://")
	if !ok {
		return ""
	}
	return filepath.Join(string(b), filepath.FromSlash(rest))
}

// fake plays images: each is a function that is named by the image.
type fake map[string]func(ctx context.Context, s *step) error

func (f fake) StepPath(_, _, local string) string { return local }

func (f fake) Launch(ctx context.Context, s localrun.Step) error {
	play, ok := f[s.Image]
	if !ok {
		return fmt.Errorf("nobody plays the image %q", s.Image)
	}
	in := &step{Step: s, out: map[string]any{}}
	for _, arg := range s.Args {
		if strings.HasPrefix(arg, `{"inputs"`) {
			if err := json.Unmarshal([]byte(arg), &in.input); err != nil {
				return err
			}
		}
	}
	if err := play(ctx, in); err != nil {
		return err
	}
	if in.input.Outputs.OutputFile == "" {
		return nil
	}
	data, err := json.Marshal(map[string]any{"parameterValues": in.out})
	if err != nil {
		return err
	}
	return os.WriteFile(in.input.Outputs.OutputFile, data, 0o600)
}

// step is what a fake image sees.
type step struct {
	localrun.Step
	input struct {
		Inputs struct {
			ParameterValues map[string]any
			Artifacts       map[string]artifacts
		}
		Outputs struct {
			Parameters map[string]struct{ OutputFile string }
			Artifacts  map[string]artifacts
			OutputFile string
		}
	}
	out map[string]any
}

type artifacts struct {
	Artifacts []struct{ Name, URI, CustomPath string }
}

func (s *step) param(name string) any { return s.input.Inputs.ParameterValues[name] }

// copyOf plays an image that gives its input named in as its output text.
func copyOf(in string) func(context.Context, *step) error {
	return func(_ context.Context, s *step) error {
		s.out["text"] = s.param(in)
		return nil
	}
}

// gives plays an image with fixed outputs.
func gives(out map[string]any) func(context.Context, *step) error {
	return func(_ context.Context, s *step) error {
		maps.Copy(s.out, out)
		return nil
	}
}

// exits plays an image that fails.
func exits(code int, stderr string) func(context.Context, *step) error {
	return func(_ context.Context, s *step) error {
		_, _ = io.WriteString(s.Stderr, stderr)
		return &localrun.ExitError{Code: code}
	}
}

// recorder keeps the last of each task, by the way to it.
type recorder struct {
	mu     sync.Mutex
	byID   map[int64]localrun.Task
	states []string
}

func (r *recorder) TaskChanged(t localrun.Task) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byID == nil {
		r.byID = map[int64]localrun.Task{}
	}
	r.byID[t.ID] = t
	r.states = append(r.states, t.Name+" "+string(t.State))
}

// path is the way to a task, without the outermost one.
func (r *recorder) path(t localrun.Task) string {
	parent, ok := r.byID[t.ParentID]
	if !ok || parent.ParentID == 0 {
		return t.Name
	}
	return r.path(parent) + "/" + t.Name
}

// tasks are all tasks by path.
func (r *recorder) tasks() map[string]localrun.Task {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string]localrun.Task{}
	for _, t := range r.byID {
		out[r.path(t)] = t
	}
	return out
}

// ended says how each task ended.
func (r *recorder) ended() map[string]localrun.State {
	out := map[string]localrun.State{}
	for path, t := range r.tasks() {
		out[path] = t.State
	}
	return out
}

// trial is one run of a pipeline with fake images.
type trial struct {
	spec       *pipelinespec.Spec
	images     fake
	parameters map[string]any
	failFast   bool
	output     io.Writer
	maxSteps   int
	dir        string
	recorder
}

func (r *trial) run(ctx context.Context, t testing.TB) error {
	t.Helper()
	if r.dir == "" {
		r.dir = t.TempDir()
	}
	runner := &localrun.Runner{Launcher: r.images, Paths: buckets(r.dir), Observer: r, Output: r.output, MaxSteps: r.maxSteps}
	return runner.Run(ctx, localrun.Job{
		ID: "job-1", Spec: r.spec, Parameters: r.parameters, Root: "gs://bucket/root", FailFast: r.failFast,
		Env:          []string{"A=b"},
		Placeholders: map[string]string{"pipeline_service_account": "pipeline@example.com"},
	})
}

// build compiles a pipeline.
func build(t testing.TB, f func(p *pipelines.Pipeline)) *pipelinespec.Spec {
	t.Helper()
	p := pipelines.New("test")
	f(p)
	spec, err := p.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// parse reads a spec of testdata.
func parse(t testing.TB, name string) *pipelinespec.Spec {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	spec, err := pipelinespec.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// image is a component that takes and gives some of everything, played by the
// function of that name.
func image(name string) *pipelines.Container {
	return &pipelines.Container{
		Image: name, Command: []string{"/play"}, Args: []string{"--executor_input", "{{$}}"},
		Inputs: []pipelines.Parameter{
			{Name: "text", Optional: true},
			{Name: "number", Default: 7},
			{Name: "file", Type: pipelines.Artifact, Optional: true},
		},
		Outputs: []pipelines.Parameter{{Name: "text"}},
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
