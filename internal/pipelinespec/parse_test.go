package pipelinespec_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/pipelinespec"
)

func TestParseReadsWhatTheFileSays(t *testing.T) {
	t.Parallel()
	spec := parsed(t, "call.yaml")
	call := spec.Root.Dag.Tasks["call"]

	want := &pipelinespec.RetryPolicy{
		MaxRetryCount: 2, BackoffDuration: pipelinespec.Duration(1500 * time.Millisecond),
		BackoffFactor: 2, BackoffMaxDuration: pipelinespec.Duration(time.Hour),
	}
	if diff := cmp.Diff(want, call.RetryPolicy); diff != "" {
		t.Errorf("retryPolicy (-want +got):\n%s", diff)
	}
	read := spec.Components["comp-if"].Dag.Tasks["read"].Inputs
	if diff := cmp.Diff(any([]any{"a", "b", 3.0}), read.Parameters["words"].RuntimeValue.Constant); diff != "" {
		t.Errorf("constant (-want +got):\n%s", diff)
	}
	env := []pipelinespec.EnvVar{{Name: "MODE", Value: "y"}}
	if diff := cmp.Diff(env, spec.DeploymentSpec.Executors["exec-call"].Container.Env); diff != "" {
		t.Errorf("env (-want +got):\n%s", diff)
	}
	if got := spec.DefaultPipelineRoot; got != "gs://bucket/root" {
		t.Errorf("got root %q", got)
	}
}

func TestParseIsStrict(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		edit []string
		want []string
	}{
		{"unknown field", []string{"{name: comp-if}", "{nmae: comp-if}"}, []string{`root.dag.tasks["condition-1"].componentRef: unknown field "nmae"`}},
		{"object for a string", []string{"sdkVersion: hand-written", "sdkVersion: {a: 1}"}, []string{"sdkVersion: got an object, want a string"}},
		{"number for a string", []string{`resourceCpuLimit: "1"`, "resourceCpuLimit: 1"}, []string{`executors["exec-call"].container.resources.resourceCpuLimit: got a number, want a string`}},
		{"boolean for a string", []string{`value: "y"`, "value: true"}, []string{`container.env[0].value: got a boolean, want a string`}},
		{"string for a boolean", []string{"isOptional: true", "isOptional: maybe"}, []string{`isOptional: got a string, want a boolean`}},
		{"fraction for a count", []string{"maxRetryCount: 2", "maxRetryCount: 2.5"}, []string{"retryPolicy.maxRetryCount: got 2.5, want an integer of 32 bits"}},
		{"string for a count", []string{"maxRetryCount: 2", "maxRetryCount: two"}, []string{"retryPolicy.maxRetryCount: got a string, want a number"}},
		{"duration without unit", []string{"backoffDuration: 1.5s", `backoffDuration: "90"`}, []string{`retryPolicy.backoffDuration: "90" is no duration, want seconds such as "30s"`}},
		{"duration of another unit", []string{"backoffDuration: 1.5s", "backoffDuration: 2m"}, []string{`"2m" is no duration`}},
		{"duration as a number", []string{"backoffDuration: 1.5s", "backoffDuration: 90"}, []string{"retryPolicy.backoffDuration: got a number, want a string"}},
		{"duration too long", []string{"backoffDuration: 1.5s", "backoffDuration: 1e300s"}, []string{"is no duration"}},
		{"object for a list", []string{"dependentTasks: [call]", "dependentTasks: {call: 1}"}, []string{`dependentTasks: got an object, want an array`}},
		{"list for an object", []string{"componentRef: {name: comp-if}", "componentRef: [comp-if]"}, []string{`componentRef: got an array, want an object`}},
		{"list for a map", []string{"      artifacts:\n        body: {artifactType: {schemaTitle: system.Artifact, schemaVersion: 0.0.1}}\n  comp-read", "      artifacts: []\n  comp-read"}, []string{`outputDefinitions.artifacts: got an array, want an object`}},
		{"null for a task", []string{"      call:\n        taskInfo: {name: call}", "      other:\n      call:\n        taskInfo: {name: call}"}, []string{`root.dag.tasks["other"]: got null, want an object`}},
		{"date without quotes", []string{"constant: [a,", "constant: [2024-01-01,"}, []string{"constant[0]: got a date, which JSON does not have: put it in quotes"}},
		{"infinity", []string{"constant: [a,", "constant: [.inf,"}, []string{"is no JSON number"}},
		{"key that is no text", []string{"constant: [a,", "constant: [{1: x},"}, []string{"got a key that is no text"}},
		{"key twice", []string{"schemaVersion: 2.1.0", "schemaVersion: 2.1.0\nschemaVersion: 2.1.0"}, []string{`"schemaVersion" already defined`}},
		{"several at once", []string{"sdkVersion: hand-written", "sdkVersion: 1\nfoo: 2\nbar: 3"}, []string{"sdkVersion: got a number", `unknown field "foo"`, `unknown field "bar"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := edited(t, "call.yaml", tt.edit...)
			wantMessage(t, err, tt.want...)
		})
	}
}

func TestParseTellsWhatIsNoPipelineSpec(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"nothing", "", "pipeline spec is empty"},
		{"a comment", "# nothing\n---\n", "pipeline spec is empty"},
		{"text", "hello", "got a string, want a pipeline spec, which is an object"},
		{"an array", "[1, 2]", "got an array, want a pipeline spec"},
		{"no YAML", "a: [", "neither JSON nor YAML"},
		{"a component", "name: x\nimplementation: {container: {image: i}}", "belongs to a component.yaml"},
		{"three documents", "a: 1\n---\nb: 2\n---\nc: 3", "got 3 documents"},
		{"an odd second document", "root: {}\n---\nb: 2", "second document is no platform spec"},
		{"a job without an object", `{"pipelineSpec": 3}`, "pipelineSpec: got a number, want an object"},
		{"a job in a job", `{"pipelineSpec": {"pipelineSpec": {}}}`, `unknown field "pipelineSpec"`},
		{"a fault in a job", `{"pipelineSpec": {"roots": {}}}`, `in pipelineSpec: unknown field "roots"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := pipelinespec.Parse([]byte(tt.text))
			wantMessage(t, err, tt.want)
		})
	}
}

func TestParseKeepsThePlatformSpec(t *testing.T) {
	t.Parallel()
	text := read(t, "call.yaml") + "---\nplatforms: {kubernetes: {deploymentSpec: {executors: {exec-call: {imagePullPolicy: Always}}}}}\n"
	spec, err := pipelinespec.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := spec.PlatformSpec["platforms"].(map[string]any)["kubernetes"]; !ok {
		t.Errorf("got %v, want the platform spec", spec.PlatformSpec)
	}
	alone := parsed(t, "call.yaml")
	got, want := encode(t, spec), encode(t, alone)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the platform spec shows in the output (-want +got):\n%s", diff)
	}
}

func TestParseReadsAPipelineJob(t *testing.T) {
	t.Parallel()
	spec, err := pipelinespec.Parse([]byte(`{
		"displayName": "a job",
		"pipelineSpec": {"pipelineInfo": {"name": "x"}, "root": {"inputDefinitions": {"parameters": {"n": {"parameterType": "NUMBER_INTEGER"}}}}},
		"runtimeConfig": {"gcsOutputDirectory": "gs://b/r", "parameterValues": {"n": 7}}
	}`))
	if err != nil {
		t.Fatal(err)
	}
	if spec.DefaultPipelineRoot != "gs://b/r" {
		t.Errorf("got root %q, want the job's", spec.DefaultPipelineRoot)
	}
	if got := spec.Root.InputDefinitions.Parameters["n"].DefaultValue; got != 7.0 {
		t.Errorf("got default %v, want the job's value 7", got)
	}
	_, err = pipelinespec.Parse([]byte(`{"pipelineSpec": {"pipelineInfo": {"name": "x"}}, "runtimeConfig": {"parameterValues": {"m": 7}}}`))
	wantMessage(t, err, `runtimeConfig.parameterValues["m"]: parameter "m": the pipeline has no such parameter: it has none`)
}

func TestJSONEscapesThatYAMLLacks(t *testing.T) {
	t.Parallel()
	spec, err := pipelinespec.Parse([]byte("{\n\t\"sdkVersion\": \"\\ud83d\\ude00\\/\"}"))
	if err != nil {
		t.Fatal(err)
	}
	if spec.SDKVersion != "😀/" {
		t.Errorf("got %q", spec.SDKVersion)
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"call.yaml", "flow.yaml", "call.json"} {
		f.Add([]byte(read(f, name)))
	}
	f.Add([]byte("root: {dag: {tasks: {a: {retryPolicy: {backoffDuration: 1s}}}}}\n---\nplatforms: {}"))
	f.Add([]byte("a: &a [x]\nb: [*a, *a]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		spec, err := pipelinespec.Parse(data)
		if err != nil {
			return
		}
		_ = spec.Validate() // must not panic
		spec.PlatformSpec = nil
		text, err := spec.YAML()
		if err != nil {
			t.Fatalf("what was parsed cannot be written: %v", err)
		}
		again, err := pipelinespec.Parse(text)
		if err != nil {
			t.Fatalf("what was written cannot be parsed: %v\n%s", err, text)
		}
		if diff := cmp.Diff(encode(t, spec), encode(t, again)); diff != "" {
			t.Fatalf("written and parsed again it differs (-first +again):\n%s", diff)
		}
	})
}
