package localrun_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/localrun"
	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/pipelines"
)

// container is a component with some of everything.
func container(args ...string) *pipelines.Container {
	return &pipelines.Container{
		Image: "play", Command: []string{"/play", "now"}, Args: args, Env: map[string]string{"MODE": "y"},
		Inputs: []pipelines.Parameter{
			{Name: "text", Default: "a<b"},
			{Name: "count", Default: 3},
			{Name: "map", Default: map[string]any{"k": []any{1.5, true}}},
			{Name: "none", Optional: true},
			{Name: "file", Type: pipelines.Artifact, Optional: true},
		},
		Outputs: []pipelines.Parameter{
			{Name: "code", Type: pipelines.Integer},
			{Name: "said", Type: pipelines.String},
			{Name: "body", Type: pipelines.Dataset},
		},
	}
}

// one is a pipeline of one task.
func one(t testing.TB, c *pipelines.Container, inputs pipelines.Inputs) *pipelinespec.Spec {
	return build(t, func(p *pipelines.Pipeline) { p.Task("call", c, inputs) })
}

// inDocker is a launcher whose steps see buckets under /gcs.
type inDocker struct{ fake }

func (inDocker) StepPath(_, uri, _ string) string { return "/gcs/" + strings.TrimPrefix(uri, "gs://") }

func TestExecutorInput(t *testing.T) {
	t.Parallel()
	const process = `{
	  "inputs": {"parameterValues": {"text": "given", "count": 3, "map": {"k": [1.5, true]}}},
	  "outputs": {
	    "parameters": {"code": {"outputFile": "DIR/code"}, "said": {"outputFile": "DIR/said"}},
	    "artifacts": {"body": {"artifacts": [{
	      "name": "body", "type": {"schemaTitle": "system.Dataset"},
	      "uri": "gs://bucket/root/job-1/call/body", "customPath": "DIR/body"}]}},
	    "outputFile": "DIR/executor_output.json"
	  }
	}`
	tests := []struct {
		name   string
		docker bool
		want   func(dir string) string
	}{
		{"of a process", false, func(dir string) string {
			return strings.ReplaceAll(process, "DIR", buckets(dir).LocalPath("gs://bucket/root/job-1/call"))
		}},
		{"of a container", true, func(string) string {
			return strings.ReplaceAll(strings.ReplaceAll(process, `, "customPath": "DIR/body"`, ""), "DIR", "/gcs/bucket/root/job-1/call")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var input string
			f := fake{"play": func(_ context.Context, s *step) error {
				input = s.Args[1]
				s.input.Outputs.OutputFile = filepath.Join(dir, "bucket/root/job-1/call/executor_output.json")
				s.out["code"], s.out["said"] = 1, ""
				return nil
			}}
			runner := localrun.Runner{Launcher: f, Paths: buckets(dir)}
			if tt.docker {
				runner.Launcher = inDocker{f}
			}
			spec := one(t, container("--executor_input", "{{$}}"), pipelines.Inputs{"text": "given"})
			if err := runner.Run(t.Context(), localrun.Job{ID: "job-1", Root: "gs://bucket/root/", Spec: spec}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fromJSON(t, tt.want(dir)), fromJSON(t, input)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func fromJSON(t *testing.T, text string) (value any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return value
}

func TestTheStep(t *testing.T) {
	t.Parallel()
	var got localrun.Step
	var existed bool
	r := &trial{
		spec: one(t, container("x"), nil),
		images: fake{"play": func(_ context.Context, s *step) error {
			got = s.Step
			info, err := os.Stat(s.WorkDir)
			existed = err == nil && info.IsDir()
			return writeFile(s.WorkDir, "left", "over")
		}},
	}
	_ = r.run(t.Context(), t) // fails for want of outputs, which is another test
	if !existed {
		t.Errorf("the step had no work directory")
	}
	if _, err := os.Stat(got.WorkDir); !os.IsNotExist(err) {
		t.Errorf("got %v for the work directory afterwards, want it gone", err)
	}
	got.WorkDir, got.Stdout, got.Stderr = "", nil, nil
	want := localrun.Step{Image: "play", Command: []string{"/play", "now"}, Args: []string{"x"}, Env: []string{"A=b", "MODE=y"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func writeFile(dir, name, text string) error {
	return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)
}

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	const dir = "DIR" // stands for the task's directory
	tests := []struct{ arg, want, wantErr string }{
		{arg: "plain {{x}} {$} $$ $(A)", want: "plain {{x}} {$} $$ $(A)"},
		{arg: "{{$.inputs.parameters['text']}}", want: "a<b"},
		{arg: `{{$.inputs.parameters["text"]}}`, want: "a<b"},
		{arg: "--n={{$.inputs.parameters['count']}}/{{$.inputs.parameters['text']}}", want: "--n=3/a<b"},
		{arg: "{{$.inputs.parameters['map']}}", want: `{"k":[1.5,true]}`},
		{arg: "{{$.inputs.parameters['none']}}", want: "null"},
		{arg: "{{$.inputs.parameters['nope']}}", wantErr: `args: placeholder {{$.inputs.parameters['nope']}}: the component has no input parameter "nope"`},
		{arg: "{{$.inputs.artifacts['file'].path}}", wantErr: "there is no such artifact"},
		{arg: "{{$.outputs.parameters['code'].output_file}}", want: dir + "/code"},
		{arg: "{{$.outputs.parameters['nope'].output_file}}", wantErr: `the component has no output parameter "nope"`},
		{arg: "{{$.outputs.parameters['code']}}", wantErr: "the local runner does not know it"},
		{arg: "{{$.outputs.artifacts['body'].path}}", want: dir + "/body"},
		{arg: "{{$.outputs.artifacts['body'].uri}}", want: "gs://bucket/root/job-1/call/body"},
		{arg: "{{$.outputs.artifacts['body'].name}}", want: "body"},
		{arg: "{{$.outputs.artifacts['body'].metadata['k']}}", want: "null"},
		{arg: "{{$.outputs.artifacts['body'].size}}", wantErr: `an artifact has no "size"`},
		{arg: "{{$.outputs.output_file}}", want: dir + "/executor_output.json"},
		{arg: "{{$.pipeline_job_name}} {{$.pipeline_task_name}} {{$.pipeline_task_uuid}}", want: "job-1 call 2"},
		{arg: "{{$.pipeline_service_account}}", want: "pipeline@example.com"},
		{arg: "{{$.pipeline_network}}", wantErr: "the local runner does not know it"},
		{arg: `{"Concat": ["a"]}`, wantErr: "not supported by the local runner: IfPresent and Concat"},
	}
	for _, tt := range tests {
		t.Run(tt.arg, func(t *testing.T) {
			t.Parallel()
			var got string
			r := &trial{spec: one(t, container(tt.arg), nil), images: fake{"play": func(_ context.Context, s *step) error {
				got = s.Args[0]
				return exits(1, "")(nil, s)
			}}}
			err := r.run(t.Context(), t)
			if tt.wantErr != "" {
				if !strings.Contains(errorText(err), tt.wantErr) {
					t.Errorf("got error %v, want %s", err, tt.wantErr)
				}
				return
			}
			want := strings.ReplaceAll(tt.want, dir, buckets(r.dir).LocalPath("gs://bucket/root/job-1/call"))
			if got != want {
				t.Errorf("got %q, want %q (%v)", got, want, err)
			}
		})
	}
}

func TestAReplacedValueIsNoPlaceholder(t *testing.T) {
	t.Parallel()
	var got string
	r := &trial{
		spec: one(t, container("{{$.inputs.parameters['text']}}"), pipelines.Inputs{"text": "{{$.outputs.output_file}}"}),
		images: fake{"play": func(_ context.Context, s *step) error {
			got = s.Args[0]
			return nil
		}},
	}
	_ = r.run(t.Context(), t)
	if want := "{{$.outputs.output_file}}"; got != want {
		t.Errorf("got %q, want the value as it is", got)
	}
}

func TestOutputs(t *testing.T) {
	t.Parallel()
	type files map[string]string
	body := localrun.Artifact{Name: "body", Type: "system.Dataset", URI: "gs://bucket/root/job-1/call/body"}
	withMetadata := body
	withMetadata.URI, withMetadata.Metadata = "gs://elsewhere/x", map[string]any{"bytes": 3.0}
	tests := []struct {
		name     string
		files    files
		want     map[string]any
		artifact localrun.Artifact
		wantErr  string
	}{
		{name: "in the output file",
			files: files{"executor_output.json": `{"parameterValues": {"code": 200, "said": "x\n", "more": 1}}`},
			want:  map[string]any{"code": 200.0, "said": "x\n"}, artifact: body},
		{name: "in files of their own", files: files{"code": " 200\n", "said": "x\n"},
			want: map[string]any{"code": 200.0, "said": "x\n"}, artifact: body},
		{name: "in both", files: files{"executor_output.json": `{"parameterValues": {"code": 1}}`, "code": "2", "said": ""},
			want: map[string]any{"code": 1.0, "said": ""}, artifact: body},
		{name: "with metadata", files: files{"code": "1", "said": "", "executor_output.json": `{"artifacts": {"body": {"artifacts": [
				{"name": "other", "uri": "gs://elsewhere/x", "type": {"schemaTitle": "system.Model"}, "metadata": {"bytes": 3}}, {"uri": "gs://second"}]}}}`},
			want: map[string]any{"code": 1.0, "said": ""}, artifact: withMetadata},
		{name: "missing", files: files{"code": "1"}, wantErr: `task call: output parameter "said": the step has not written it`},
		{name: "of another type", files: files{"executor_output.json": `{"parameterValues": {"code": "200", "said": ""}}`},
			wantErr: `output parameter "code": got the string "200", want NUMBER_INTEGER`},
		{name: "text of another type", files: files{"code": "soon", "said": ""}, wantErr: `output parameter "code": got "soon", want NUMBER_INTEGER`},
		{name: "in no JSON", files: files{"executor_output.json": `{`}, wantErr: "task call: executor output: unexpected EOF"},
		{name: "with unknown fields", files: files{"executor_output.json": `{"parameters": {}}`}, wantErr: `executor output: json: unknown field "parameters"`},
		{name: "twice", files: files{"executor_output.json": `{} {}`}, wantErr: "executor output: got more than one JSON value"},
		{name: "too long", files: files{"said": strings.Repeat("x", 16<<20+1), "code": "1"}, wantErr: "got more than 16777216 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := &trial{spec: one(t, container("x"), nil), dir: t.TempDir()}
			dir := buckets(r.dir).LocalPath("gs://bucket/root/job-1/call")
			r.images = fake{"play": func(context.Context, *step) error {
				for name, text := range tt.files {
					if err := writeFile(dir, name, text); err != nil {
						return err
					}
				}
				return nil
			}}
			err := r.run(t.Context(), t)
			if !strings.Contains(errorText(err), tt.wantErr) || err != nil && tt.wantErr == "" {
				t.Fatalf("got error %v, want %q", err, tt.wantErr)
			}
			if tt.wantErr != "" {
				return
			}
			want := localrun.Values{Parameters: tt.want, Artifacts: map[string][]localrun.Artifact{"body": {tt.artifact}}}
			if diff := cmp.Diff(want, r.tasks()["call"].Outputs); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhyAStepFailed(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, own, stderr, want string }{
		{"in its own words", `{"errorMessage": "403 from the service"}`, "noise\n", "task call: 403 from the service"},
		{"in its last line", "", "first\n  last  \n\n", "task call: exit code 1: last"},
		{"in a last line without an end", "", "first\nlast", "task call: exit code 1: last"},
		{"in no words", "", "", "task call: exit code 1"},
		{"in words that are no JSON", "oops", "last\n", "task call: exit code 1: last"},
		{"in words without a message", `{"errorMessage": ""}`, "last\n", "task call: exit code 1: last"},
		{"in a very long line", "", strings.Repeat("x", 1<<20), "task call: exit code 1: " + strings.Repeat("x", 64<<10)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := &trial{spec: one(t, container("x"), nil), dir: t.TempDir()}
			dir := buckets(r.dir).LocalPath("gs://bucket/root/job-1/call")
			r.images = fake{"play": func(ctx context.Context, s *step) error {
				if tt.own != "" {
					if err := writeFile(dir, "executor_error.json", tt.own); err != nil {
						return err
					}
				}
				return exits(1, tt.stderr)(ctx, s)
			}}
			if got := errorText(r.run(t.Context(), t)); got != tt.want {
				t.Errorf("got error %.200q, want %.200q", got, tt.want)
			}
		})
	}
}

func TestARetryDoesNotSeeTheOutputsOfTheAttemptBefore(t *testing.T) {
	t.Parallel()
	spec := build(t, func(p *pipelines.Pipeline) { p.Task("call", container("x"), nil).Retry = &pipelines.Retry{Max: 1} })
	r := &trial{spec: spec, dir: t.TempDir()}
	dir := buckets(r.dir).LocalPath("gs://bucket/root/job-1/call")
	tries := 0
	r.images = fake{"play": func(ctx context.Context, s *step) error {
		tries++
		if tries == 1 {
			if err := writeFile(dir, "code", "1"); err != nil {
				return err
			}
			return exits(1, "")(ctx, s)
		}
		return writeFile(dir, "said", "")
	}}
	if got, want := errorText(r.run(t.Context(), t)), `task call: output parameter "code": the step has not written it`; got != want {
		t.Errorf("got error %q, want %q", got, want)
	}
}

func TestALauncherThatFails(t *testing.T) {
	t.Parallel()
	r := &trial{spec: one(t, container("x"), nil), images: fake{}}
	if got, want := errorText(r.run(t.Context(), t)), `task call: nobody plays the image "play"`; got != want {
		t.Errorf("got error %q, want %q", got, want)
	}
}
