package localrun

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/pipelinespec"
)

func TestCoerce(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		value   any
		typ     pipelinespec.ParameterType
		want    any
		wantErr string
	}{
		{"as declared", 1.5, pipelinespec.NumberDouble, 1.5, ""},
		{"number as text", 2.0, pipelinespec.String, "2", ""},
		{"boolean as text", true, pipelinespec.String, "true", ""},
		{"object as text", map[string]any{"a": "<"}, pipelinespec.String, `{"a":"<"}`, ""},
		{"text as a number", "2", pipelinespec.NumberInteger, 2.0, ""},
		{"text as a list", "[1]", pipelinespec.List, []any{1.0}, ""},
		{"text as an object", `{"a": 1}`, pipelinespec.Struct, map[string]any{"a": 1.0}, ""},
		{"other text as a number", "two", pipelinespec.NumberInteger, nil, `got "two", want NUMBER_INTEGER from -(2^53-1) to 2^53-1`},
		{"fraction as an integer", 2.5, pipelinespec.NumberInteger, 2.5, "got a number, 2.5, want NUMBER_INTEGER"},
		{"null as text", nil, pipelinespec.String, nil, "got null, want STRING"},
		{"list as an object", []any{}, pipelinespec.Struct, []any{}, "got an array, want STRUCT"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := coerce(tt.value, tt.typ)
			if text := errorText(err); text != tt.wantErr {
				t.Errorf("got error %q, want %q", text, tt.wantErr)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPick(t *testing.T) {
	t.Parallel()
	eval, err := newEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, expression string
		value            any
		want             any
		wantErr          string
	}{
		{"a field", `parseJson(string_value)["a"]`, map[string]any{"a": "x"}, "x", ""},
		{"a field of text", `parseJson(string_value)["a"]`, `{"a": [1, {"b": null}]}`, []any{1.0, map[string]any{"b": nil}}, ""},
		{"an item", `parseJson(string_value)[1]`, []any{"x", true}, true, ""},
		{"the text", `string_value`, 5.0, "5", ""},
		{"of no JSON", `parseJson(string_value)["a"]`, "{", nil, `expression "parseJson(string_value)[\"a\"]": parseJson: unexpected end of JSON input`},
		{"what is no value", `type(string_value)`, "x", nil, `expression "type(string_value)": type conversion`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := eval.pick(tt.expression, tt.value)
			if text := errorText(err); len(text) < len(tt.wantErr) || text[:len(tt.wantErr)] != tt.wantErr || err != nil && tt.wantErr == "" {
				t.Errorf("got error %q, want %q", text, tt.wantErr)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
