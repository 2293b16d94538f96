package executor

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const vertexInput = `{
  "inputs": {"parameterValues": {"url": "http://x", "timeout_seconds": 300.0, "audience": null, "body": "{{$.inputs.parameters['q']}}"}},
  "outputs": {
    "parameters": {"status_code": {"outputFile": "/tmp/o/status_code"}},
    "artifacts": {
      "response": {"artifacts": [{"name": "projects/1/metadataStores/default/artifacts/9", "type": {"schemaTitle": "system.Artifact"}, "uri": "gs://b/run/response"}]},
      "executor-logs": {"artifacts": []}
    },
    "outputFile": "/gcs/b/run/output_metadata.json"
  },
  "somethingNew": {}
}`

func TestParse(t *testing.T) {
	t.Parallel()
	in, err := Parse(vertexInput)
	if err != nil {
		t.Fatal(err)
	}
	want := Outputs{
		OutputFile: "/gcs/b/run/output_metadata.json",
		Parameters: map[string]string{"status_code": "/tmp/o/status_code"},
		Artifacts:  map[string]Artifact{"response": {Name: "projects/1/metadataStores/default/artifacts/9", URI: "gs://b/run/response"}},
	}
	if diff := cmp.Diff(want, in.Outputs); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"audience", "body", "timeout_seconds", "url"}, in.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestParameterCountsAsGivenOnlyWithAValue(t *testing.T) {
	t.Parallel()
	in, err := Parse(vertexInput)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"url":             `"http://x"`,
		"timeout_seconds": "300.0",
		"audience":        "", // null
		"body":            "", // a placeholder that nobody replaced
		"missing":         "",
	} {
		value, given := in.Parameter(name)
		if string(value) != want || given != (want != "") {
			t.Errorf("Parameter(%q) = %s, %v; want %q", name, value, given, want)
		}
	}
	if !in.Unresolved("body") || in.Unresolved("url") || in.Unresolved("missing") {
		t.Error("Unresolved: want it for body alone")
	}
}

func TestParseErrorsNameThePlaceAndNoValue(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, text, want string }{
		{"empty", "", "not JSON"},
		{"placeholder", "{{$}}", "did not replace {{$}}"},
		{"broken quotes", `{"inputs":{"parameterValues":{"body":"say "hunter2""}}}`, "at byte 44; a value that was pasted"},
		{"wrong type", `{"outputs":{"outputFile":{"secret":"hunter2"}}}`, "executor input: outputs.outputFile: got an object, want a string"},
		{"list", `["hunter2"]`, "executor input: got an array, want an object"},
		{"truth", `true`, "executor input: got true or false, want an object"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("Parse error = %v, want %q in it", err, c.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows a value: %v", err)
			}
		})
	}
	if _, err := Parse(" {{$}} "); !errors.Is(err, ErrNotReplaced) {
		t.Errorf("Parse({{$}}) error = %v, want ErrNotReplaced", err)
	}
}

// What is JSON, but not what is wanted, has no quote that went astray.
func TestParseTellsAWrongTypeAlone(t *testing.T) {
	t.Parallel()
	_, err := Parse(`{"inputs":{"parameterValues":["hunter2"]}}`)
	if want := "executor input: inputs.parameterValues: got an array, want an object"; err == nil || err.Error() != want {
		t.Errorf("Parse error = %v, want %s", err, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{vertexInput, "", "null", "{}", `{"inputs":{"parameterValues":null}}`, `{"outputs":{"artifacts":{"x":{"artifacts":[null]}}}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		in, err := Parse(text)
		if err != nil {
			return
		}
		for _, name := range in.Names() {
			in.Parameter(name)
		}
		for _, a := range in.Outputs.Artifacts {
			_, _ = a.Path("/")
		}
	})
}

func TestArtifactPath(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		artifact Artifact
		want     string
		wantErr  string
	}{
		{name: "Cloud Storage", artifact: Artifact{URI: "gs://b/a/response"}, want: "/gcs/b/a/response"},
		{name: "S3", artifact: Artifact{URI: "s3://b/a"}, want: "/s3/b/a"},
		{name: "MinIO", artifact: Artifact{URI: "minio://b/a"}, want: "/minio/b/a"},
		{name: "absolute path", artifact: Artifact{URI: "/tmp/a"}, want: "/tmp/a"},
		{name: "custom path goes before the uri", artifact: Artifact{URI: "gs://b/a", CustomPath: "/tmp/c"}, want: "/tmp/c"},
		{name: "unknown scheme", artifact: Artifact{Name: "response", URI: "ftp://b/a"}, wantErr: `artifact "response": uri has the scheme "ftp", want gs`},
		{name: "relative path", artifact: Artifact{Name: "response", URI: "a/b"}, wantErr: `uri is "a/b", want an absolute path`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := c.artifact.Path("/")
			if got != c.want || (err == nil) != (c.wantErr == "") || err != nil && !strings.Contains(err.Error(), c.wantErr) {
				t.Errorf("Path = %q, %v; want %q, %q", got, err, c.want, c.wantErr)
			}
		})
	}
}
