package componentyaml

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/authcall/authcall/component"
	"github.com/authcall/authcall/internal/pipelinespec"
)

var update = flag.Bool("update", false, "rewrite component.yaml and notifier.yaml")

// The committed files are what users load: they must be what this build writes.
func TestTheCommittedComponentsAreUpToDate(t *testing.T) {
	t.Parallel()
	for name, generate := range map[string]func(string) ([]byte, error){"component.yaml": Component, "notifier.yaml": Notifier} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			committed := filepath.Join("..", "..", "..", "..", name)
			got, err := generate(component.DefaultImage())
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(committed, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(committed)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s is out of date, run go generate ./... (-committed +generated):\n%s", name, diff)
			}
		})
	}
}

// decoded is a component as a reader of YAML sees it.
type decoded struct {
	Name           string
	Inputs         []map[string]any
	Outputs        []map[string]any
	Implementation struct {
		Container struct {
			Image   string
			Command []string
			Args    []any
		}
	}
}

func TestComponent(t *testing.T) {
	t.Parallel()
	data, err := Component("registry.example.com/team/call:v1")
	if err != nil {
		t.Fatal(err)
	}
	var got decoded
	if err := yaml.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	c := got.Implementation.Container
	if c.Image != "registry.example.com/team/call:v1" {
		t.Errorf("image = %q", c.Image)
	}
	if diff := cmp.Diff([]any{"--executor_input", map[string]any{"executorInput": nil}}, c.Args); diff != "" {
		t.Errorf("args (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(component.Command(), c.Command); diff != "" {
		t.Errorf("command (-want +got):\n%s", diff)
	}
	if len(got.Inputs) != len(component.Inputs())-1 || len(got.Outputs) != len(component.Outputs()) {
		t.Errorf("%d inputs and %d outputs, want %d and %d", len(got.Inputs), len(got.Outputs), len(component.Inputs())-1, len(component.Outputs()))
	}
}

// Only the notifier has the input that the SDK lets only exit tasks have.
func TestNotifier(t *testing.T) {
	t.Parallel()
	data, err := Notifier("i")
	if err != nil {
		t.Fatal(err)
	}
	var notifier decoded
	if err := yaml.Unmarshal(data, &notifier); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(notifier.Inputs, func(in map[string]any) bool { return in["name"] == "final_status" })
	if i < 0 || notifier.Inputs[i]["type"] != "PipelineTaskFinalStatus" || notifier.Inputs[i]["optional"] != true {
		t.Errorf("inputs %v, want an optional final_status among them", notifier.Inputs)
	}
	if data, err = Component("i"); err != nil || strings.Contains(string(data), "PipelineTaskFinalStatus") {
		t.Errorf("component.yaml has an input of an exit task, %v", err)
	}
}

func TestPipeline(t *testing.T) {
	t.Parallel()
	data, err := Pipeline("registry.example.com/call:v1", Settings{Retries: 2, CPU: "500m", Memory: "256Mi"})
	if err != nil {
		t.Fatal(err)
	}
	spec, err := pipelinespec.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	task := spec.Root.Dag.Tasks["call"]
	if task.RetryPolicy == nil || task.RetryPolicy.MaxRetryCount != 2 || task.CachingOptions.EnableCache {
		t.Errorf("task %+v, want two retries and no cache", task)
	}
	executor := spec.DeploymentSpec.Executors[spec.Components[task.ComponentRef.Name].ExecutorLabel].Container
	if executor.Image != "registry.example.com/call:v1" || executor.Resources.ResourceCPULimit != "500m" || executor.Resources.ResourceMemoryLimit != "256Mi" {
		t.Errorf("container %+v, want the image and the resources that were given", executor)
	}
	var required []string
	for name, in := range spec.Root.InputParameters() {
		if in.Required() {
			required = append(required, name)
		}
	}
	if diff := cmp.Diff([]string{"url"}, required); diff != "" {
		t.Errorf("required parameters (-want +got):\n%s", diff)
	}
}

func TestPipelineTellsOfBadSettings(t *testing.T) {
	t.Parallel()
	if _, err := Pipeline("i", Settings{CPU: "much"}); err == nil || !strings.Contains(err.Error(), `"much"`) {
		t.Errorf("Pipeline = %v, want an error that names the quantity", err)
	}
}

func TestOnlyTheURLIsRequired(t *testing.T) {
	t.Parallel()
	data, err := Component("i")
	if err != nil {
		t.Fatal(err)
	}
	var got decoded
	if err := yaml.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	var required []string
	for _, in := range got.Inputs {
		value, optional := in["default"]
		if !optional {
			required = append(required, in["name"].(string))
			continue
		}
		if _, isText := value.(string); !isText {
			t.Errorf("default of %v is %T, want text: the SDK casts it", in["name"], value)
		}
		if !slices.Contains([]string{"String", "Integer", "Boolean", "JsonObject", "JsonArray"}, in["type"].(string)) {
			t.Errorf("input %v has type %v, which makes it an artifact", in["name"], in["type"])
		}
	}
	if diff := cmp.Diff([]string{"url"}, required); diff != "" {
		t.Errorf("required inputs (-want +got):\n%s", diff)
	}
}
