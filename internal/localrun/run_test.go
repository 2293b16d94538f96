package localrun_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/localrun"
	"github.com/authcall/authcall/pipelines"
)

const (
	ok           = localrun.Succeeded
	failed       = localrun.Failed
	cancelled    = localrun.Cancelled
	notTriggered = localrun.NotTriggered
)

func TestValuesPassFromTaskToTask(t *testing.T) {
	t.Parallel()
	var got []any
	r := &trial{
		spec: build(t, func(p *pipelines.Pipeline) {
			word := p.Parameter(pipelines.Parameter{Name: "word"})
			number := p.Parameter(pipelines.Parameter{Name: "number", Default: 5})
			first := p.Task("first", image("copy"), pipelines.Inputs{"text": word})
			p.Task("last", image("keep"), pipelines.Inputs{"text": first.Output("text"), "number": number})
			p.Output("text", first.Output("text"))
		}),
		images: fake{
			"copy": copyOf("text"),
			"keep": func(_ context.Context, s *step) error {
				got = []any{s.param("text"), s.param("number")}
				s.out["text"] = ""
				return nil
			},
		},
		parameters: map[string]any{"word": "hello"},
	}
	if err := r.run(t.Context(), t); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{"hello", 5.0}, got); diff != "" {
		t.Errorf("what the last task got (-want +got):\n%s", diff)
	}
	outermost := r.tasks()["job-1"]
	want := localrun.Task{
		ID: 1, Name: "job-1", DisplayName: "test", State: ok,
		Inputs:  localrun.Values{Parameters: map[string]any{"word": "hello", "number": 5.0}},
		Outputs: localrun.Values{Parameters: map[string]any{"text": "hello"}, Artifacts: map[string][]localrun.Artifact{}},
	}
	outermost.Create, outermost.Start, outermost.End = want.Create, want.Start, want.End
	if diff := cmp.Diff(want, outermost); diff != "" {
		t.Errorf("the pipeline (-want +got):\n%s", diff)
	}
}

func TestTasksStartWhenThoseBeforeThemAreDone(t *testing.T) {
	t.Parallel()
	r := &trial{
		spec: build(t, func(p *pipelines.Pipeline) {
			a := p.Task("a", image("copy"), pipelines.Inputs{"text": "x"})
			b := p.Task("b", image("copy"), pipelines.Inputs{"text": a.Output("text")})
			p.Task("c", image("copy"), pipelines.Inputs{"text": "x"}).After(b)
		}),
		images: fake{"copy": copyOf("text")},
	}
	if err := r.run(t.Context(), t); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"job-1 PENDING", "job-1 RUNNING", "a PENDING", "b PENDING", "c PENDING",
		"a RUNNING", "a SUCCEEDED", "b RUNNING", "b SUCCEEDED", "c RUNNING", "c SUCCEEDED", "job-1 SUCCEEDED",
	}
	if diff := cmp.Diff(want, r.states); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestIndependentTasksRunSideBySide(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name            string
		maxSteps, atOne int
	}{
		{"as many as there are", 0, 3},
		{"as many as are allowed", 2, 2},
		{"one after the other", 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			spec := build(t, func(p *pipelines.Pipeline) {
				for _, name := range []string{"a", "b", "c"} {
					p.Task(name, image("wait"), nil)
				}
			})
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				release, running := make(chan struct{}), make(chan struct{}, 3)
				r := &trial{spec: spec, dir: dir, maxSteps: tt.maxSteps, images: fake{"wait": func(_ context.Context, s *step) error {
					running <- struct{}{}
					<-release
					s.out["text"] = ""
					return nil
				}}}
				done := make(chan error)
				go func() { done <- r.run(t.Context(), t) }()
				synctest.Wait()
				if got := len(running); got != tt.atOne {
					t.Errorf("got %d steps at once, want %d", got, tt.atOne)
				}
				close(release)
				if err := <-done; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// statusPipeline branches on the number that its first task gives.
func statusPipeline(p *pipelines.Pipeline) {
	c := image("status")
	c.Outputs = []pipelines.Parameter{{Name: "text"}, {Name: "status", Type: pipelines.Integer}, {Name: "rate", Type: pipelines.Double}}
	call := p.Task("call", c, nil)
	status := call.Output("status")
	var good, moved, bad *pipelines.Task
	b := p.If(status.Equal(200).And(call.Output("text").Equal(`it's "x"`)), func(s *pipelines.Scope) {
		good = s.Task("good", image("copy"), pipelines.Inputs{"text": call.Output("text")})
	}).Elif(status.Less(400).And(call.Output("rate").Greater(0.5)), func(s *pipelines.Scope) {
		moved = s.Task("moved", image("copy"), pipelines.Inputs{"text": "moved"})
	}).Else(func(s *pipelines.Scope) {
		bad = s.Task("bad", image("copy"), pipelines.Inputs{"text": "bad"})
	})
	text := b.OneOf(good.Output("text"), moved.Output("text"), bad.Output("text"))
	p.Task("after", image("copy"), pipelines.Inputs{"text": text})
	p.Output("text", text)
}

func TestConditions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		out  map[string]any
		ran  string
		want string
	}{
		{"first", map[string]any{"status": 200, "rate": 0, "text": `it's "x"`}, "condition-1/good", `it's "x"`},
		{"second", map[string]any{"status": 302, "rate": 1, "text": ""}, "condition-2/moved", "moved"},
		{"second because of a text", map[string]any{"status": 200, "rate": 0.75, "text": "its x"}, "condition-2/moved", "moved"},
		{"otherwise", map[string]any{"status": 302, "rate": 0.5, "text": ""}, "condition-3/bad", "bad"},
		{"otherwise too", map[string]any{"status": 500, "rate": 9, "text": ""}, "condition-3/bad", "bad"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := &trial{spec: build(t, statusPipeline), images: fake{"status": gives(tt.out), "copy": copyOf("text")}}
			if err := r.run(t.Context(), t); err != nil {
				t.Fatal(err)
			}
			want := map[string]localrun.State{"job-1": ok, "call": ok, "after": ok, "condition-branches-1": ok}
			for _, arm := range []string{"condition-1", "condition-2", "condition-3"} {
				want["condition-branches-1/"+arm] = notTriggered
				if strings.HasPrefix(tt.ran, arm) {
					want["condition-branches-1/"+arm] = ok
				}
			}
			want["condition-branches-1/"+tt.ran] = ok
			if diff := cmp.Diff(want, r.ended()); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
			if got := r.tasks()["after"].Outputs.Parameters["text"]; got != tt.want {
				t.Errorf("got %q from the branches, want %q", got, tt.want)
			}
		})
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	// fails -> next -> last; beside -> slow: slow needs nothing that fails.
	spec := build(t, func(p *pipelines.Pipeline) {
		fails := p.Task("fails", image("fail"), nil)
		next := p.Task("next", image("copy"), pipelines.Inputs{"text": fails.Output("text")})
		p.Task("last", image("copy"), pipelines.Inputs{"text": "x"}).After(next)
		beside := p.Task("beside", image("after-failure"), nil)
		p.Task("slow", image("copy"), pipelines.Inputs{"text": "x"}).After(beside)
	})
	tests := []struct {
		name     string
		failFast bool
		slow     localrun.State
	}{
		{"slow", false, ok},
		{"fast", true, notTriggered},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := &trial{spec: spec, failFast: tt.failFast}
			begun, gone := make(chan struct{}), make(chan struct{})
			r.images = fake{
				"copy": copyOf("text"),
				"fail": func(ctx context.Context, s *step) error {
					<-begun
					return exits(3, "some words\nno such thing\n\n")(ctx, s)
				},
				"after-failure": func(ctx context.Context, s *step) error {
					close(begun)
					<-gone
					s.out["text"] = ""
					return nil
				},
			}
			watch := observerFunc(func(task localrun.Task) {
				r.TaskChanged(task)
				if task.Name == "fails" && task.State == failed {
					close(gone)
				}
			})
			runner := &localrun.Runner{Launcher: r.images, Paths: buckets(t.TempDir()), Observer: watch}
			err := runner.Run(t.Context(), localrun.Job{ID: "job-1", Spec: spec, Root: "gs://b/r", FailFast: tt.failFast})

			if got, want := errorText(err), "task fails: exit code 3: no such thing"; got != want {
				t.Errorf("got error %q, want %q", got, want)
			}
			var exit *localrun.ExitError
			if !errors.As(err, &exit) || exit.Code != 3 {
				t.Errorf("got %#v, want the exit code", exit)
			}
			want := map[string]localrun.State{
				"job-1": failed, "fails": failed, "next": notTriggered, "last": notTriggered, "beside": ok, "slow": tt.slow,
			}
			if diff := cmp.Diff(want, r.ended()); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
			if got, want := errorText(r.tasks()["next"].Err), "task fails is FAILED"; got != want {
				t.Errorf("got reason %q, want %q", got, want)
			}
		})
	}
}

type observerFunc func(localrun.Task)

func (f observerFunc) TaskChanged(t localrun.Task) { f(t) }

func TestFailuresInsideGroupsNameTheWay(t *testing.T) {
	t.Parallel()
	r := &trial{
		spec: build(t, func(p *pipelines.Pipeline) {
			a := p.Task("a", image("copy"), pipelines.Inputs{"text": "x"})
			p.If(a.Output("text").Equal("x"), func(s *pipelines.Scope) {
				s.Task("b", image("fail"), nil)
				s.Task("c", image("fail"), nil)
			})
		}),
		images: fake{"copy": copyOf("text"), "fail": exits(1, "")},
	}
	err := r.run(t.Context(), t)
	want := "task condition-1/b: exit code 1\ntask condition-1/c: exit code 1"
	if got := errorText(err); got != want {
		t.Errorf("got error %q, want %q", got, want)
	}
	if got := r.ended()["condition-1"]; got != failed {
		t.Errorf("got group %s, want it FAILED", got)
	}
}

func TestCancellation(t *testing.T) {
	t.Parallel()
	spec := build(t, func(p *pipelines.Pipeline) {
		a := p.Task("a", image("copy"), pipelines.Inputs{"text": "x"})
		b := p.Task("b", image("wait"), pipelines.Inputs{"text": a.Output("text")})
		p.Task("c", image("copy"), pipelines.Inputs{"text": b.Output("text")})
	})
	cause := errors.New("the user said so")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	r := &trial{spec: spec, images: fake{
		"copy": copyOf("text"),
		"wait": func(ctx context.Context, _ *step) error {
			cancel(cause)
			<-ctx.Done()
			return ctx.Err()
		},
	}}
	if err := r.run(ctx, t); !errors.Is(err, cause) {
		t.Errorf("got error %v, want the cause", err)
	}
	want := map[string]localrun.State{"job-1": cancelled, "a": ok, "b": cancelled, "c": cancelled}
	if diff := cmp.Diff(want, r.ended()); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

func TestWhatStepsPrint(t *testing.T) {
	t.Parallel()
	var shown bytes.Buffer
	r := &trial{
		spec: build(t, func(p *pipelines.Pipeline) { p.Task("a", image("talk"), nil) }),
		images: fake{"talk": func(_ context.Context, s *step) error {
			for _, text := range []string{"one\ntw", "o\n", "three"} {
				_, _ = s.Stdout.Write([]byte(text))
			}
			_, _ = s.Stderr.Write([]byte("\noops\n"))
			s.out["text"] = ""
			return nil
		}},
		output: &shown,
	}
	if err := r.run(t.Context(), t); err != nil {
		t.Fatal(err)
	}
	if got, want := shown.String(), "[a] one\n[a] two\n[a] \n[a] oops\n[a] three\n"; got != want {
		t.Errorf("shown: got %q, want %q", got, want)
	}
	log, err := os.ReadFile(filepath.Join(r.dir, "bucket", "root", "job-1", "a", "executor-logs"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(log), "one\ntwo\nthree\noops\n"; got != want {
		t.Errorf("log: got %q, want %q", got, want)
	}
}
