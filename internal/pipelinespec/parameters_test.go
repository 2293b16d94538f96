package pipelinespec_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/pipelinespec"
)

func TestBindParametersTypesText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       any
		wantErr    string
	}{
		{name: "url", text: "http://x?a=b", want: "http://x?a=b"},
		{name: "url", text: "", want: ""},
		{name: "seconds", text: "60", want: 60.0},
		{name: "seconds", text: "-9007199254740991", want: -9007199254740991.0},
		{name: "seconds", text: "9007199254740992", wantErr: `parameter "seconds": got "9007199254740992", want NUMBER_INTEGER from -(2^53-1) to 2^53-1`},
		{name: "seconds", text: "60.0", wantErr: `got "60.0", want NUMBER_INTEGER`},
		{name: "seconds", text: "soon", wantErr: `parameter "seconds": got "soon", want NUMBER_INTEGER`},
		{name: "seconds", text: "", wantErr: `got "", want NUMBER_INTEGER`},
		{name: "rate", text: "0.5", want: 0.5},
		{name: "rate", text: "1e3", want: 1000.0},
		{name: "rate", text: "0x1p-2", wantErr: `got "0x1p-2", want NUMBER_DOUBLE`},
		{name: "rate", text: "NaN", wantErr: `got "NaN", want NUMBER_DOUBLE`},
		{name: "rate", text: "1e999", wantErr: `got "1e999", want NUMBER_DOUBLE`},
		{name: "dry", text: "true", want: true},
		{name: "dry", text: "False", want: false},
		{name: "dry", text: "1", wantErr: `parameter "dry": got "1", want BOOLEAN, true or false`},
		{name: "words", text: `["a", 1]`, want: []any{"a", 1.0}},
		{name: "words", text: "a,b", wantErr: `parameter "words": got text that is no JSON (invalid character 'a' looking for beginning of value), want LIST as a JSON array`},
		{name: "words", text: `{"a": 1}`, wantErr: `got an object, want LIST as a JSON array`},
		{name: "words", text: "null", wantErr: `got null, want LIST as a JSON array`},
		{name: "more", text: `{"a": [true]}`, want: map[string]any{"a": []any{true}}},
		{name: "more", text: `[1]`, wantErr: `parameter "more": got an array, want STRUCT as a JSON object`},
		{name: "seconds", text: strings.Repeat("x", 100), wantErr: strings.Repeat("x", 60) + `"…, want NUMBER_INTEGER`},
		{name: "uri", text: "x", wantErr: `parameter "uri": the pipeline has no such parameter: it has dry, more, rate, seconds, url, words`},
	}
	for _, tt := range tests {
		t.Run(tt.name+"="+tt.text, func(t *testing.T) {
			t.Parallel()
			given := map[string]string{"url": "u"}
			given[tt.name] = tt.text
			got, err := parsed(t, "call.yaml").BindParameters(given)
			if tt.wantErr != "" {
				wantMessage(t, err, tt.wantErr)
				return
			}
			wantMessage(t, err)
			if diff := cmp.Diff(tt.want, got[tt.name]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBindParametersTellsAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := parsed(t, "call.yaml").BindParameters(map[string]string{"seconds": "x", "uri": "y"})
	wantMessage(t, err,
		`parameter "seconds": got "x"`,
		`parameter "uri": the pipeline has no such parameter`,
		`parameter "url": got nothing, want STRING: it has no default`)

	var typed *pipelinespec.ParameterError
	if !errors.As(err, &typed) || typed.Name != "seconds" {
		t.Errorf("got %#v, want a ParameterError of the first problem", typed)
	}
}

func TestBindParametersLeavesDefaultsToTheRuntime(t *testing.T) {
	t.Parallel()
	got, err := parsed(t, "call.yaml").BindParameters(map[string]string{"url": "u"})
	wantMessage(t, err)
	if diff := cmp.Diff(map[string]any{"url": "u"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCheckParameters(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		values map[string]any
		want   string
	}{
		{"all of them", map[string]any{"url": "u", "seconds": 60.0, "rate": 1.5, "dry": true, "words": []any{}, "more": map[string]any{}}, ""},
		{"Go integers", map[string]any{"url": "u", "seconds": 60, "rate": int64(2)}, ""},
		{"string for an integer", map[string]any{"url": "u", "seconds": "60"}, `parameter "seconds": got the string "60", want NUMBER_INTEGER`},
		{"fraction for an integer", map[string]any{"url": "u", "seconds": 1.5}, `got a number, 1.5, want NUMBER_INTEGER`},
		{"number for a string", map[string]any{"url": 5.0}, `parameter "url": got a number, 5, want STRING`},
		{"null", map[string]any{"url": nil}, `parameter "url": got null, want STRING`},
		{"object for a list", map[string]any{"url": "u", "words": map[string]any{}}, `parameter "words": got an object, want LIST`},
		{"string for an object", map[string]any{"url": "u", "more": "secret"}, `parameter "more": got a string, want STRUCT`},
		{"missing", map[string]any{}, `parameter "url": got nothing, want STRING: it has no default`},
		{"unknown", map[string]any{"url": "u", "x": 1.0}, `parameter "x": the pipeline has no such parameter: it has dry, more`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := parsed(t, "call.yaml").CheckParameters(tt.values)
			if tt.want == "" {
				wantMessage(t, err)
				return
			}
			wantMessage(t, err, tt.want)
		})
	}
}

func TestParametersOfAPipelineWithoutAny(t *testing.T) {
	t.Parallel()
	_, err := new(pipelinespec.Spec).BindParameters(map[string]string{"x": "1"})
	wantMessage(t, err, `parameter "x": the pipeline has no such parameter: it has none`)
}

func FuzzBindParameters(f *testing.F) {
	for _, text := range []string{"1", "-0", "1e400", "true", "[]", "{}", `{"a":`, "9007199254740993", "\xff"} {
		f.Add("seconds", text)
		f.Add("more", text)
	}
	spec := parsed(f, "call.yaml")
	f.Fuzz(func(t *testing.T, name, text string) {
		values, err := spec.BindParameters(map[string]string{"url": "u", name: text})
		if err != nil {
			return
		}
		if err := spec.CheckParameters(values); err != nil {
			t.Errorf("%s=%q binds to %v, which does not check: %v", name, text, values[name], err)
		}
	})
}
