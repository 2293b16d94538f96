package componentyaml

import (
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/authcall/authcall/component"
)

var update = flag.Bool("update", false, "rewrite component.yaml")

// The committed file is what users load: it must be what this build writes.
func TestTheCommittedComponentIsUpToDate(t *testing.T) {
	t.Parallel()
	const committed = "../../../../component.yaml"
	got, err := Generate(component.DefaultImage())
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
		t.Errorf("component.yaml is out of date, run go generate ./... (-committed +generated):\n%s", diff)
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

func TestGenerate(t *testing.T) {
	t.Parallel()
	data, err := Generate("registry.example.com/team/call:v1")
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
	if len(got.Inputs) != len(component.Inputs()) || len(got.Outputs) != len(component.Outputs()) {
		t.Errorf("%d inputs and %d outputs, want %d and %d", len(got.Inputs), len(got.Outputs), len(component.Inputs()), len(component.Outputs()))
	}
}

func TestOnlyTheURLIsRequired(t *testing.T) {
	t.Parallel()
	data, err := Generate("i")
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
