package pipelinespec_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/pipelinespec"
)

func encode(t testing.TB, spec *pipelinespec.Spec) string {
	t.Helper()
	data, err := spec.YAML()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestEncodingsAreStable(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"call", "flow"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := parsed(t, name+".yaml")
			golden(t, name+".golden.yaml", []byte(encode(t, spec)))
			data, err := spec.JSON()
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".json", data)
		})
	}
}

func TestWhatIsWrittenReadsTheSame(t *testing.T) {
	t.Parallel()
	want := parsed(t, "call.yaml")
	asJSON, err := want.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"YAML": encode(t, want), "JSON": string(asJSON)} {
		got, err := pipelinespec.Parse([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestYAMLSurvivesReadersOfYAML11(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		constant any
		want     string
	}{
		{"yes", "y", `constant: "y"`},
		{"octal", "0777", `constant: "0777"`},
		{"sexagesimal", "12:30:45", `constant: "12:30:45"`},
		{"version", "2.10", `constant: "2.10"`},
		{"date", "2024-01-01", `constant: "2024-01-01"`},
		{"empty", "", `constant: ""`},
		{"lines", "a\nb", `constant: "a\nb"`},
		{"angle brackets", "<a&b>", `constant: "<a&b>"`},
		{"control character", "\x7f", `constant: "\x7F"`},
		{"false", false, "constant: false"},
		{"integer", 300.0, "constant: 300\n"},
		{"greatest integer", float64(1<<53 - 1), "constant: 9007199254740991\n"},
		{"great number", 1e21, "constant: 1.0e+21\n"},
		{"small number", 1.5e-9, "constant: 1.5e-9\n"},
		{"key that is a word", map[string]any{"on": 1.0}, "\"on\": 1\n"},
		{"key that is a number", map[string]any{"1": 1.0}, "\"1\": 1\n"},
		{"empty object", map[string]any{}, "constant: {}\n"},
		{"empty list", []any{}, "constant: []\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			spec := parsed(t, "call.yaml")
			read := spec.Components["comp-if"].Dag.Tasks["read"]
			read.Inputs.Parameters["words"].RuntimeValue.Constant = tt.constant
			text := encode(t, spec)
			wantMessage(t, errorString(text), tt.want)

			again, err := pipelinespec.Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			got := again.Components["comp-if"].Dag.Tasks["read"].Inputs.Parameters["words"].RuntimeValue.Constant
			if diff := cmp.Diff(tt.constant, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// errorString lets a text be checked as a message is.
type errorString string

func (e errorString) Error() string { return string(e) }

func TestEncodingRefusesWhatJSONLacks(t *testing.T) {
	t.Parallel()
	spec := parsed(t, "call.yaml")
	spec.Root.InputDefinitions.Parameters["more"].DefaultValue = func() {}
	for name, encode := range map[string]func() ([]byte, error){"YAML": spec.YAML, "JSON": spec.JSON} {
		if _, err := encode(); err == nil {
			t.Errorf("%s: got no error for a function", name)
		}
	}
}

func TestJSONIsTheSpecAlone(t *testing.T) {
	t.Parallel()
	data, err := parsed(t, "call.yaml").JSON()
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(data, &object); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"pipelineInfo", "schemaVersion", "deploymentSpec", "components", "root"} {
		if object[key] == nil {
			t.Errorf("no %s in %s", key, data)
		}
	}
}
