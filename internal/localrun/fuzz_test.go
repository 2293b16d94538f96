package localrun

import (
	"encoding/json"
	"strings"
	"testing"
)

func FuzzPlaceholders(f *testing.F) {
	for _, text := range []string{"{{$}}", "{{$.inputs.parameters['a']}}", "{{$.a['b'].c}}", "{{{$}}}", "{{$.x}", "{{$.inputs.parameters['{{$}}']}}", "{{$"} {
		f.Add(text, "value")
		f.Add(text, "{{$}}")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		ways := 0
		got, err := replaceAll(text, func(way string) (string, error) {
			ways++
			if way != "" && !strings.HasPrefix(way, ".") {
				t.Errorf("got way %q", way)
			}
			return value, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if ways == 0 && got != text {
			t.Errorf("got %q, want the text as it is: %q", got, text)
		}
		if got, want := len(got), len(text); value == "" && got > want {
			t.Errorf("got longer from nothing: %d, %d", got, want)
		}
	})
}

func FuzzExecutorOutput(f *testing.F) {
	for _, text := range []string{
		`{}`, `null`, `[]`, `{"parameterValues": {"a": 1}}`, `{"parameterValues": null, "artifacts": {"a": {"artifacts": null}}}`,
		`{"artifacts": {"a": {"artifacts": [{"name": "a", "uri": "gs://x", "metadata": {"k": [1, "v"]}}]}}}`, `{} {}`, `{"artifacts": {"a": null}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := parseExecutorOutput(data)
		if err != nil {
			return
		}
		if !json.Valid(data) {
			t.Errorf("took what is no JSON: %q", data)
		}
		base := Artifact{Name: "a", URI: "gs://base", Metadata: map[string]any{"kept": true}}
		got := merge(base, out.Artifacts["a"])
		if got.Name != base.Name || got.URI == "" || len(base.Metadata) != 1 {
			t.Errorf("merged to %+v from %+v", got, base)
		}
	})
}
