package localrun_test

import (
	"strings"
	"testing"

	"github.com/authcall/authcall/internal/localrun"
	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/pipelines"
)

func TestNothingRunsOfAJobThatCannot(t *testing.T) {
	t.Parallel()
	spec := func(edit func(*pipelinespec.Spec)) *pipelinespec.Spec {
		s := parse(t, "exit.yaml")
		edit(s)
		return s
	}
	exit := func(s *pipelinespec.Spec) *pipelinespec.Task { return s.Root.Dag.Tasks["exit"] }
	tests := []struct {
		name string
		job  localrun.Job
		want string
	}{
		{"bad id", localrun.Job{ID: "../x", Root: "gs://b"}, `job id: got "../x"`},
		{"bad root", localrun.Job{ID: "a", Root: "/tmp"}, `pipeline root: got "/tmp", want a gs:// directory`},
		{"bad spec", localrun.Job{ID: "a", Root: "gs://b", Spec: new(pipelinespec.Spec)}, "pipeline spec: schemaVersion: is missing"},
		{"bad parameter", localrun.Job{ID: "a", Root: "gs://b", Spec: spec(func(*pipelinespec.Spec) {}), Parameters: map[string]any{"name": 5.0}},
			`parameter "name": got a number, 5, want STRING`},
		{"condition that is no CEL", localrun.Job{ID: "a", Root: "gs://b", Spec: spec(func(s *pipelinespec.Spec) {
			exit(s).TriggerPolicy.Condition = "1 +"
		})}, `root.dag.tasks["exit"].triggerPolicy.condition: expression "1 +"`},
		{"condition on an unknown function", localrun.Job{ID: "a", Root: "gs://b", Spec: spec(func(s *pipelinespec.Spec) {
			exit(s).TriggerPolicy.Condition = "sleep(5)"
		})}, "undeclared reference to 'sleep'"},
		{"selector that is no CEL", localrun.Job{ID: "a", Root: "gs://b", Spec: spec(func(s *pipelinespec.Spec) {
			exit(s).Inputs.Parameters["note"].ParameterExpressionSelector = "x["
		})}, `root.dag.tasks["exit"].inputs.parameters["note"]: expression "x["`},
		{"artifact iterator", localrun.Job{ID: "a", Root: "gs://b", Spec: spec(artifactIterator)},
			`not supported by the local runner: artifactIterator at root.dag.tasks["exit"]`},
		{"resolver", localrun.Job{ID: "a", Root: "gs://b", Spec: spec(func(s *pipelinespec.Spec) {
			*s.DeploymentSpec.Executors["exec-work"] = pipelinespec.Executor{Resolver: map[string]any{}}
		})}, `not supported by the local runner: resolver at components["comp-work"]`},
		{"custom job", localrun.Job{ID: "a", Root: "gs://b", Spec: spec(func(s *pipelinespec.Spec) {
			*s.DeploymentSpec.Executors["exec-work"] = pipelinespec.Executor{CustomJob: map[string]any{}}
		})}, `not supported by the local runner: customJob at components["comp-work"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			changed := observerFunc(func(task localrun.Task) { t.Errorf("task %s: %s", task.Name, task.State) })
			runner := localrun.Runner{Launcher: fake{}, Paths: buckets(t.TempDir()), Observer: changed}
			if got := errorText(runner.Run(t.Context(), tt.job)); !strings.Contains(got, tt.want) {
				t.Errorf("got error %q, want it to say %q", got, tt.want)
			}
		})
	}
}

func artifactIterator(s *pipelinespec.Spec) {
	data := &pipelinespec.ArtifactType{SchemaTitle: "system.Dataset", SchemaVersion: "0.0.1"}
	s.Root.InputDefinitions.Artifacts = map[string]*pipelinespec.InputArtifact{"list": {ArtifactType: data}}
	s.Components["comp-exit"].InputDefinitions.Artifacts = map[string]*pipelinespec.InputArtifact{"item": {ArtifactType: data}}
	task := s.Root.Dag.Tasks["exit"]
	task.Inputs.Artifacts = map[string]*pipelinespec.ArtifactSource{"pipelinechannel--list": {ComponentInputArtifact: "list"}}
	task.ArtifactIterator = &pipelinespec.ArtifactIterator{ItemInput: "item", Items: pipelinespec.ArtifactItems{InputArtifact: "pipelinechannel--list"}}
}

func TestConditionsThatCannotBeDecided(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, condition, want string }{
		{"no such input", "inputs.parameter_values.nope == 1", "no such key: nope"},
		{"no boolean", "inputs.parameter_values['pipelinechannel--a-text']", "got string, want a boolean"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			spec := build(t, func(p *pipelines.Pipeline) {
				a := p.Task("a", image("copy"), pipelines.Inputs{"text": "x"})
				p.If(a.Output("text").Equal("x"), func(s *pipelines.Scope) { s.Task("b", image("copy"), nil) })
			})
			spec.Root.Dag.Tasks["condition-1"].TriggerPolicy.Condition = tt.condition
			r := &trial{spec: spec, images: fake{"copy": copyOf("text")}}
			if got := errorText(r.run(t.Context(), t)); !strings.Contains(got, "task condition-1: condition: ") || !strings.Contains(got, tt.want) {
				t.Errorf("got error %q, want it to say %q", got, tt.want)
			}
			if got := r.ended()["condition-1"]; got != failed {
				t.Errorf("got %s, want FAILED", got)
			}
		})
	}
}

func TestInputsThatAreMissing(t *testing.T) {
	t.Parallel()
	spec := build(t, func(p *pipelines.Pipeline) {
		maybe := p.Parameter(pipelines.Parameter{Name: "maybe", Optional: true})
		c := image("copy")
		c.Inputs = []pipelines.Parameter{{Name: "text"}}
		p.Task("needs", c, pipelines.Inputs{"text": maybe})
		p.Task("can-do-without", image("copy-number"), pipelines.Inputs{"text": maybe})
	})
	r := &trial{spec: spec, images: fake{"copy-number": gives(map[string]any{"text": "x"})}}
	if got, want := errorText(r.run(t.Context(), t)), `task needs: input "text": got nothing, want STRING`; got != want {
		t.Errorf("got error %q, want %q", got, want)
	}
	if got := r.ended()["can-do-without"]; got != ok {
		t.Errorf("got %s for the task that can do without, want SUCCEEDED", got)
	}
}
