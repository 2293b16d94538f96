package component

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everything has an input of every type.
type everything struct {
	Text     string             `desc:"A text."`
	Number   int                `default:"3"`
	Share    float64            `default:"0.5"`
	Loud     bool               `default:"true"`
	Tags     []string           `default:"[\"a\"]"`
	Sizes    map[string]int     `default:"{}"`
	Point    struct{ X, Y int } `default:"{}"`
	Optional string             `default:""`
	Source   InputArtifact      `default:""`
}

// whole has an output of every type.
type whole struct {
	Text   string
	Number int64
	Share  float64
	Loud   bool
	Tags   []string
	Sizes  map[string]int
	Report OutputArtifact `desc:"What was done."`
}

// copyOver passes what it is given on.
func copyOver(_ context.Context, in everything, out *whole) error {
	out.Text, out.Number, out.Share, out.Loud, out.Tags, out.Sizes = in.Text+in.Optional, int64(in.Number), in.Share, in.Loud, in.Tags, in.Sizes
	if in.Source.Path != "" {
		data, err := os.ReadFile(in.Source.Path)
		if err != nil {
			return err
		}
		out.Report.Metadata = map[string]any{"source": in.Source.URI, "rows": in.Source.Metadata["rows"]}
		_, err = out.Report.Write(data)
		return err
	}
	_, err := fmt.Fprintf(&out.Report, "%d", in.Point.X+in.Point.Y)
	return err
}

// placed is an executor input with all outputs of whole below a folder.
func placed(t *testing.T, dir string, inputs map[string]any) string {
	t.Helper()
	parameters := map[string]any{}
	for _, name := range []string{"text", "number", "share", "loud", "tags", "sizes"} {
		parameters[name] = map[string]any{"outputFile": filepath.Join(dir, "deep", name)}
	}
	logs := map[string]any{"artifacts": []any{map[string]any{"name": "executor-logs", "uri": "gs://b/logs"}}}
	report := map[string]any{"artifacts": []any{map[string]any{"name": "projects/1/artifacts/9", "uri": "gs://b/report", "customPath": filepath.Join(dir, "far", "report")}}}
	text, err := json.Marshal(map[string]any{"inputs": inputs, "outputs": map[string]any{
		"parameters": parameters, "artifacts": map[string]any{"report": report, "executor-logs": logs}, "outputFile": filepath.Join(dir, "out.json"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestProgramPassesEveryType(t *testing.T) {
	t.Parallel()
	source := filepath.Join(t.TempDir(), "source")
	if err := os.WriteFile(source, []byte("rows"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name   string
		inputs map[string]any
		values string
		files  map[string]string
	}{
		{
			name:   "defaults",
			inputs: map[string]any{"parameterValues": map[string]any{"text": "a", "optional": nil, "number": nil}},
			values: `{"loud":true,"number":3,"share":0.5,"sizes":{},"tags":["a"],"text":"a"}`,
			files:  map[string]string{"text": "a", "number": "3", "share": "0.5", "loud": "true", "tags": `["a"]`, "sizes": "{}", "report": "0"},
		},
		{
			name: "as numbers come from runtimes",
			inputs: map[string]any{"parameterValues": map[string]any{
				"text": "a", "optional": "\"b\"", "number": 7.0, "share": 2, "loud": false, "tags": []string{}, "sizes": map[string]float64{"m": 1.0}, "point": map[string]int{"X": 1, "Y": 2},
			}},
			values: `{"loud":false,"number":7,"share":2,"sizes":{"m":1},"tags":[],"text":"a\"b\""}`,
			files:  map[string]string{"text": `a"b"`, "number": "7", "share": "2", "loud": "false", "tags": "[]", "sizes": `{"m":1}`, "report": "3"},
		},
		{
			name: "an artifact",
			inputs: map[string]any{
				"parameterValues": map[string]any{"text": "", "tags": "[\"x\"]", "sizes": "{\"m\": 2}"},
				"artifacts":       map[string]any{"source": map[string]any{"artifacts": []any{map[string]any{"name": "n", "uri": source, "metadata": map[string]any{"rows": 4}}}}},
			},
			values: `{"loud":true,"number":3,"share":0.5,"sizes":{"m":2},"tags":["x"],"text":""}`,
			files:  map[string]string{"text": "", "number": "3", "share": "0.5", "loud": "true", "tags": `["x"]`, "sizes": `{"m":2}`, "report": "rows"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := Func("All", "Does all.", copyOver).Run(t.Context(), placed(t, dir, c.inputs)); err != nil {
				t.Fatal(err)
			}
			var out struct {
				ParameterValues json.RawMessage
				Artifacts       map[string]struct {
					Artifacts []struct {
						Name, URI string
						Metadata  map[string]any
					}
				}
			}
			if err := json.Unmarshal([]byte(read(t, dir, "out.json")), &out); err != nil {
				t.Fatal(err)
			}
			if string(out.ParameterValues) != c.values {
				t.Errorf("values %s, want %s", out.ParameterValues, c.values)
			}
			if list := out.Artifacts["report"].Artifacts; len(out.Artifacts) != 1 || list[0].Name != "projects/1/artifacts/9" || list[0].URI != "gs://b/report" {
				t.Errorf("artifacts %+v, want the report by the runtime's own name", out.Artifacts)
			}
			got := map[string]string{"report": read(t, dir, "far", "report")}
			for name := range c.files {
				if name != "report" {
					got[name] = read(t, dir, "deep", name)
				}
			}
			if diff := cmp.Diff(c.files, got); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}

func TestProgramTellsWhatIsWrongWithItsInput(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		inputs map[string]any
		want   string
	}{
		{"missing", map[string]any{}, "input text is missing"},
		{"unknown", map[string]any{"text": "", "txet": ""}, `unknown input "txet"`},
		{"not a text", map[string]any{"text": 1}, "input text: got a number, want a string"},
		{"not whole", map[string]any{"text": "", "number": 1.5}, "input number: got a number, want a whole number"},
		{"not a number", map[string]any{"text": "", "share": "hunter2"}, "input share: got a string, want a number"},
		{"not true or false", map[string]any{"text": "", "loud": "hunter2"}, "input loud: got a string, want true or false"},
		{"not an array", map[string]any{"text": "", "tags": "hunter2"}, "input tags: got a string, want a JSON array"},
		{"not an object", map[string]any{"text": "", "sizes": []string{"hunter2"}}, "input sizes: got an array, want a JSON object"},
		{"all at once", map[string]any{"number": "x", "loud": 1}, "input text is missing; input loud: got a number, want true or false; input number: got a string, want a whole number"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			err := Func("All", "Does all.", copyOver).Run(t.Context(), placed(t, dir, map[string]any{"parameterValues": c.inputs}))
			var input *InputError
			if !errors.As(err, &input) || input.Error() != c.want {
				t.Errorf("Run = %v, want an *InputError %q", err, c.want)
			}
			if surfaced := read(t, dir, "executor_error.json"); !strings.Contains(surfaced, strings.ReplaceAll(c.want, `"`, `\"`)) {
				t.Errorf("executor_error.json holds %s", surfaced)
			}
		})
	}
}

func TestProgramThatFailsLeavesItsCauseAndNothingElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broken := errors.New("the source\nhas no rows")
	err := Func("Fail", "Fails.", func(_ context.Context, _ struct{ Text string }, out *whole) error {
		if _, err := io.WriteString(&out.Report, "half"); err != nil {
			return err
		}
		return broken
	}).Run(t.Context(), placed(t, dir, map[string]any{"parameterValues": map[string]any{"text": ""}}))
	if !errors.Is(err, broken) {
		t.Errorf("Run = %v, want %v", err, broken)
	}
	if got := read(t, dir, "executor_error.json"); got != `{"errorMessage":"the source; has no rows"}` {
		t.Errorf("executor_error.json holds %s", got)
	}
	for _, path := range []string{"far/report", "out.json", "deep/text"} {
		if _, err := os.Stat(filepath.Join(dir, path)); err == nil {
			t.Errorf("%s was written", path)
		}
	}
}

func TestProgramIgnoredWriteErrorFailsTheStep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	err := Func("Fail", "Fails.", func(_ context.Context, _ struct{}, out *whole) error {
		if err := os.RemoveAll(filepath.Dir(out.Report.Path)); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Dir(out.Report.Path), nil, 0o600); err != nil {
			return err
		}
		fmt.Fprintln(&out.Report, "lost")
		return nil
	}).Run(t.Context(), placed(t, dir, nil))
	if err == nil {
		t.Error("Run succeeded although the report could not be written")
	}
}

func TestProgramOfTypesThatNoParameterHas(t *testing.T) {
	t.Parallel()
	for _, p := range []*Program{
		Func("Bad", "", func(context.Context, struct{ C chan int }, *struct{}) error { return nil }),
		Func("Bad", "", func(context.Context, struct{}, *struct{ hidden int }) error { return nil }),
		Func("Bad", "", func(context.Context, string, *struct{}) error { return nil }),
	} {
		if err := p.Run(t.Context(), "{}"); err == nil || !strings.Contains(err.Error(), "want ") {
			t.Errorf("Run = %v, want an error that names the field", err)
		}
	}
}

func TestProgramFlags(t *testing.T) {
	t.Parallel()
	p := Func("All", "Does all.", copyOver)
	var out bytes.Buffer
	if err := p.dispatch(t.Context(), []string{"--component-yaml", "registry.example.com/all:v1"}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"image": "registry.example.com/all:v1"`, `"name": "source",`, `"optional": true`, `"type": "Float",`, `"executorInput": null`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("component.yaml lacks %s:\n%s", want, &out)
		}
	}
	out.Reset()
	if err := p.dispatch(t.Context(), []string{"-h"}, &out); !errors.Is(err, flag.ErrHelp) || !strings.Contains(out.String(), "component-yaml") {
		t.Errorf("-h: %v, %q", err, &out)
	}
	for _, args := range [][]string{nil, {"--nope"}, {"stray"}, {"--executor_input", "{"}} {
		var input *InputError
		if err := p.dispatch(t.Context(), args, io.Discard); !errors.As(err, &input) {
			t.Errorf("%q: %v, want an *InputError", args, err)
		}
	}
}

func FuzzProgramInput(f *testing.F) {
	for _, seed := range []string{`{"text":"x"}`, `{"text":"x","sizes":"{\"a\":1}"}`, `{"number":1e300}`, `{"point":[1]}`, `{"tags":{"a":1}}`} {
		f.Add(seed)
	}
	p := Func("All", "Does all.", func(context.Context, everything, *struct{}) error { return nil })
	f.Fuzz(func(t *testing.T, parameters string) {
		_ = p.Run(t.Context(), `{"inputs":{"parameterValues":`+parameters+`}}`) // it must not panic
	})
}
