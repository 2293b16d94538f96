package localrun_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/localrun"
	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/pipelines"
)

func TestLoops(t *testing.T) {
	t.Parallel()
	r := &trial{spec: parse(t, "loop.yaml")}
	var texts any
	var files []string
	r.images = fake{
		"copy": copyOf("text"),
		"all": func(_ context.Context, s *step) error {
			texts = s.param("texts")
			for _, a := range s.input.Inputs.Artifacts["files"].Artifacts {
				files = append(files, a.URI)
			}
			return nil
		},
	}
	if err := r.run(t.Context(), t); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(any([]any{"x", "2", `{"b":true}`}), texts); diff != "" {
		t.Errorf("collected parameters (-want +got):\n%s", diff)
	}
	want := []string{"gs://bucket/root/job-1/each/0/copy/file", "gs://bucket/root/job-1/each/1/copy/file", "gs://bucket/root/job-1/each/2/copy/file"}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("collected artifacts (-want +got):\n%s", diff)
	}
	tasks := r.tasks()
	for path, want := range map[string]string{"fields/fields-0/copy": "1", "fields/fields-1/copy": "2"} {
		if got := tasks[path].Inputs.Parameters["text"]; got != want {
			t.Errorf("%s: got %v, want the field %q of the item", path, got, want)
		}
	}
}

func TestLoopsKeepToTheirLimit(t *testing.T) {
	t.Parallel()
	spec, dir := parse(t, "loop.yaml"), t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		release, running := make(chan struct{}), make(chan struct{}, 10)
		r := &trial{spec: spec, dir: dir, parameters: map[string]any{"items": []any{}}, images: fake{
			"copy": func(_ context.Context, s *step) error {
				running <- struct{}{}
				<-release
				s.out["text"] = ""
				return nil
			},
			"all": gives(nil),
		}}
		done := make(chan error)
		go func() { done <- r.run(t.Context(), t) }()
		synctest.Wait()
		if got := len(running); got != 2 {
			t.Errorf("got %d iterations at once, want the limit of 2", got)
		}
		close(release)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestFailedIterations(t *testing.T) {
	t.Parallel()
	r := &trial{spec: parse(t, "loop.yaml"), parameters: map[string]any{"items": []any{map[string]any{"b": 1.0}}}}
	r.images = fake{"copy": func(ctx context.Context, s *step) error {
		if s.param("text") == "2" {
			return exits(9, "")(ctx, s)
		}
		return copyOf("text")(ctx, s)
	}}
	got := errorText(r.run(t.Context(), t))
	for _, want := range []string{
		"task each/1/copy: exit code 9",
		`task fields/0/copy: input "text": expression "parseJson(string_value)[\"a\"]": no such key: a`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got error\n%s\nwant it to say\n%s", got, want)
		}
	}
	ended := r.ended()
	for path, want := range map[string]localrun.State{"each/each-0": ok, "each/each-1": failed, "each": failed, "all": notTriggered} {
		if ended[path] != want {
			t.Errorf("%s: got %s, want %s", path, ended[path], want)
		}
	}
}

func TestExitHandlers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		failFast   bool
		work       func(context.Context, *step) error
		wantStatus map[string]any
		wantErr    string
	}{
		{"after success", false, gives(nil),
			map[string]any{"state": "SUCCEEDED", "pipelineJobName": "job-1", "pipelineTaskName": "exit-handler-1"}, ""},
		{"after failure", false, exits(4, "broken"),
			map[string]any{"state": "FAILED", "pipelineJobName": "job-1", "pipelineTaskName": "exit-handler-1",
				"error": map[string]any{"code": 2.0, "message": "task exit-handler-1/work: exit code 4: broken"}},
			"task exit-handler-1/work: exit code 4: broken"},
		{"after failure, failing fast", true, exits(4, "broken"),
			map[string]any{"state": "FAILED", "pipelineJobName": "job-1", "pipelineTaskName": "exit-handler-1",
				"error": map[string]any{"code": 2.0, "message": "task exit-handler-1/work: exit code 4: broken"}},
			"task exit-handler-1/work: exit code 4: broken"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var status, note any
			r := &trial{spec: parse(t, "exit.yaml"), failFast: tt.failFast, images: fake{
				"work": tt.work,
				"exit": func(_ context.Context, s *step) error {
					status, note = s.param("status"), s.param("note")
					return nil
				},
			}}
			if got := errorText(r.run(t.Context(), t)); got != tt.wantErr {
				t.Errorf("got error %q, want %q", got, tt.wantErr)
			}
			if diff := cmp.Diff(any(tt.wantStatus), status); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
			if want := "for you as pipeline@example.com in job-1 {{$.other}}"; note != want {
				t.Errorf("got note %q, want %q", note, want)
			}
		})
	}
}

func TestImporters(t *testing.T) {
	t.Parallel()
	var args []string
	r := &trial{spec: parse(t, "import.yaml"), images: fake{"read": func(_ context.Context, s *step) error {
		args = s.Args
		return nil
	}}}
	if err := r.run(t.Context(), t); err != nil {
		t.Fatal(err)
	}
	want := []string{"gs://data/a", buckets(r.dir).LocalPath("gs://data/a"), "3", ""}
	if diff := cmp.Diff(want, args); diff != "" {
		t.Errorf("args (-want +got):\n%s", diff)
	}
	wantArtifact := []localrun.Artifact{{Name: "artifact", Type: "system.Dataset", URI: "gs://data/a", Metadata: map[string]any{"origin": "gs://data/a", "size": 3.0}}}
	if diff := cmp.Diff(wantArtifact, r.tasks()["constant"].Outputs.Artifacts["artifact"]); diff != "" {
		t.Errorf("artifact (-want +got):\n%s", diff)
	}

	r = &trial{spec: parse(t, "import.yaml"), parameters: map[string]any{"uri": ""}}
	if got, want := errorText(r.run(t.Context(), t)), "task parameter: importer: got \"\", want the URI of an artifact"; got != want {
		t.Errorf("got error %q, want %q", got, want)
	}
}

// flaky plays an image that fails a number of times.
func flaky(failures int, indexes *[]string) func(context.Context, *step) error {
	var mu sync.Mutex
	return func(ctx context.Context, s *step) error {
		mu.Lock()
		defer mu.Unlock()
		i := slices.IndexFunc(s.Env, func(v string) bool { return strings.HasPrefix(v, "KFP_RETRY_INDEX=") })
		*indexes = append(*indexes, s.Env[i])
		if len(*indexes) <= failures {
			return exits(1, "not yet")(ctx, s)
		}
		s.out["text"] = ""
		return nil
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		retry     pipelines.Retry
		failures  int
		wantTries int
		wantWait  time.Duration
		wantErr   string
	}{
		{"at once", pipelines.Retry{Max: 3, Backoff: time.Minute}, 0, 1, 0, ""},
		{"in the end", pipelines.Retry{Max: 3, Backoff: time.Minute}, 3, 4, 7 * time.Minute, ""},
		{"never", pipelines.Retry{Max: 2, Backoff: time.Minute, Factor: 3}, 9, 3, 4 * time.Minute, "task a: exit code 1: not yet"},
		{"with a bound", pipelines.Retry{Max: 3, Backoff: time.Minute, Factor: 10, MaxBackoff: 5 * time.Minute}, 3, 4, 11 * time.Minute, ""},
		{"with an hour's bound where none is given", pipelines.Retry{Max: 2, Backoff: 50 * time.Minute}, 2, 3, 110 * time.Minute, ""},
		{"without waiting", pipelines.Retry{Max: 2}, 2, 3, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			spec, dir := build(t, func(p *pipelines.Pipeline) { p.Task("a", image("flaky"), nil).Retry = &tt.retry }), t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				var indexes []string
				r := &trial{spec: spec, dir: dir, images: fake{"flaky": flaky(tt.failures, &indexes)}}
				start := time.Now()
				if got := errorText(r.run(t.Context(), t)); got != tt.wantErr {
					t.Errorf("got error %q, want %q", got, tt.wantErr)
				}
				if got := time.Since(start); got != tt.wantWait {
					t.Errorf("waited %v, want %v", got, tt.wantWait)
				}
				want := []string{"KFP_RETRY_INDEX=0", "KFP_RETRY_INDEX=1", "KFP_RETRY_INDEX=2", "KFP_RETRY_INDEX=3"}[:tt.wantTries]
				if diff := cmp.Diff(want, indexes); diff != "" {
					t.Errorf("tries (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestCancellationEndsTheWaitForARetry(t *testing.T) {
	t.Parallel()
	spec, dir := build(t, func(p *pipelines.Pipeline) {
		p.Task("a", image("flaky"), nil).Retry = &pipelines.Retry{Max: 1, Backoff: time.Hour}
	}), t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var indexes []string
		r := &trial{spec: spec, dir: dir, images: fake{"flaky": flaky(9, &indexes)}}
		start := time.Now()
		if err := r.run(ctx, t); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v, want the context's", err)
		}
		if got := time.Since(start); got != time.Minute {
			t.Errorf("waited %v, want a minute", got)
		}
		if got := r.ended()["a"]; got != cancelled {
			t.Errorf("got %s, want CANCELLED", got)
		}
	})
}

func TestLoopsOverWhatIsNoList(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		typ  pipelinespec.ParameterType
		item any
		want string
	}{
		{"text that is a list", pipelinespec.String, `[{"a": "x"}]`, ""},
		{"text", pipelinespec.String, "x", "task fields: loop items: got text that is no JSON array: invalid character 'x'"},
		{"a number", pipelinespec.NumberDouble, 5.0, "task fields: loop items: got float64, want a list"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			spec := parse(t, "loop.yaml")
			spec.Root.InputDefinitions.Parameters["items"] = &pipelinespec.InputParameter{ParameterType: tt.typ}
			r := &trial{spec: spec, parameters: map[string]any{"items": tt.item}, images: fake{"copy": copyOf("text"), "all": gives(nil)}}
			if got := errorText(r.run(t.Context(), t)); !strings.HasPrefix(got, tt.want) || got != "" && tt.want == "" {
				t.Errorf("got error %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCancelledLoops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := &trial{spec: parse(t, "loop.yaml"), parameters: map[string]any{"items": []any{}}, images: fake{
		"copy": func(ctx context.Context, _ *step) error {
			cancel()
			<-ctx.Done()
			return ctx.Err()
		},
	}}
	if err := r.run(ctx, t); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want the context's", err)
	}
	for path, state := range r.ended() {
		if strings.HasPrefix(path, "each") && state != cancelled || path == "all" && state != cancelled {
			t.Errorf("%s: got %s, want CANCELLED", path, state)
		}
	}
}

func TestAnExitHandlerOfSeveralTasksRunsWhenFailingFast(t *testing.T) {
	t.Parallel()
	spec := parse(t, "exit.yaml")
	exit := spec.Root.Dag.Tasks["exit"]
	exit.ComponentRef.Name, exit.Inputs = "comp-body", nil
	var once sync.Once
	r := &trial{spec: spec, failFast: true, images: fake{"work": func(ctx context.Context, s *step) (err error) {
		once.Do(func() { err = exits(1, "")(ctx, s) })
		return err
	}}}
	if got, want := errorText(r.run(t.Context(), t)), "task exit-handler-1/work: exit code 1"; got != want {
		t.Errorf("got error %q, want %q", got, want)
	}
	want := map[string]localrun.State{
		"job-1": failed, "exit-handler-1": failed, "exit-handler-1/work": failed, "after": notTriggered, "exit": ok, "exit/work": ok,
	}
	if diff := cmp.Diff(want, r.ended()); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}
