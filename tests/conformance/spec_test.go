package conformance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/pipelines"
)

var componentFile = filepath.Join("..", "..", "component.yaml")

// Every spec that we compile is read by KFP's own proto, which refuses what it
// does not know, and by its SDK.
func TestCompiledSpecsAreKFPs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var files []string
	for _, name := range pipelines.Names() {
		spec, err := pipelines.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, writeSpec(t, dir, name, spec))
	}
	spec, err := everything().Compile()
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, writeSpec(t, dir, "everything", spec))

	out := string(python(t, nil, "spec_check.py", files...))
	for _, file := range files {
		if !strings.Contains(out, "ok "+file+" ") {
			t.Errorf("%s was not checked:\n%s", file, out)
		}
	}
}

// A Python pipeline that calls component.yaml is compiled by the SDK, read by
// us, and read again by the SDK as we write it.
func TestPythonPipelineRoundTrips(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	compiled := compilePythonPipeline(t, dir)
	data, err := os.ReadFile(compiled)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := pipelinespec.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := spec.Validate(); err != nil {
		t.Error(err)
	}
	python(t, nil, "spec_check.py", compiled, writeSpec(t, dir, "again", spec))
}

// compilePythonPipeline puts component.yaml into a Python pipeline with
// conditions on status_code, and compiles it with the SDK.
func compilePythonPipeline(t *testing.T, dir string) string {
	t.Helper()
	out := filepath.Join(dir, "python.yaml")
	python(t, nil, "component_in_pipeline.py", componentFile, out)
	return out
}

func writeSpec(t *testing.T, dir, name string, spec *pipelinespec.Spec) string {
	t.Helper()
	data, err := spec.YAML()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name+".yaml")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// everything is a pipeline that uses all that the builder can do.
func everything() *pipelines.Pipeline {
	p := pipelines.New("everything")
	p.DisplayName = "Everything"
	p.Description = "All that the builder can do."
	p.Root = "gs://bucket/root"
	url := p.Parameter(pipelines.Parameter{Name: "url", Description: "Service to call."})
	tries := p.Parameter(pipelines.Parameter{Name: "tries", Type: pipelines.Integer, Default: 3})
	share := p.Parameter(pipelines.Parameter{Name: "share", Type: pipelines.Double, Default: 0.5})
	loud := p.Parameter(pipelines.Parameter{Name: "loud", Type: pipelines.Boolean, Default: true})
	headers := p.Parameter(pipelines.Parameter{Name: "headers", Type: pipelines.Struct, Optional: true})

	fetch := p.Task("fetch", pipelines.Call(), pipelines.Inputs{
		"url": url, "max_attempts": tries, "headers": headers, "fail_on_http_error": false, "delegates": []string{"a@b.example"},
	})
	fetch.Retry = &pipelines.Retry{Max: 2, Backoff: 30 * time.Second, Factor: 2, MaxBackoff: time.Hour}
	fetch.Resources = pipelines.Resources{CPU: "1", Memory: "512Mi"}
	size := p.Task("size", counter(), pipelines.Inputs{"file": fetch.Output("response")})
	size.Cache = true

	status := fetch.Output("status_code")
	var good, bad, other *pipelines.Task
	answer := p.If(status.Equal(200).And(size.Output("bytes").Greater(0)), func(s *pipelines.Scope) {
		good = s.Task("good", pipelines.Call(), pipelines.Inputs{"url": url, "body": fetch.Output("response_text")})
	}).Elif(status.GreaterOrEqual(500), func(s *pipelines.Scope) {
		bad = s.Task("bad", pipelines.Call(), pipelines.Inputs{"url": url, "method": "GET"})
		s.If(loud.Equal(true), func(inner *pipelines.Scope) {
			inner.Task("shout", pipelines.Call(), pipelines.Inputs{"url": url})
		})
	}).Else(func(s *pipelines.Scope) {
		other = s.Task("other", pipelines.Call(), pipelines.Inputs{"url": url})
	}).OneOf(good.Output("result"), bad.Output("result"), other.Output("result"))
	p.Output("answer", answer)
	p.Output("status_code", status)
	p.If(share.Less(1).Not(), func(s *pipelines.Scope) {
		s.Task("last", pipelines.Call(), pipelines.Inputs{"url": url}).After(size)
	})
	return p
}

// counter counts the bytes of a file in somebody else's image.
func counter() *pipelines.Container {
	return &pipelines.Container{
		Image:   "registry.example.com/busybox:1",
		Command: []string{"sh", "-c", `wc -c <"$0" >"$1"`},
		Args:    []string{"{{$.inputs.artifacts['file'].path}}", "{{$.outputs.parameters['bytes'].output_file}}"},
		Env:     map[string]string{"LC_ALL": "C"},
		Inputs:  []pipelines.Parameter{{Name: "file", Type: pipelines.Artifact}},
		Outputs: []pipelines.Parameter{{Name: "bytes", Type: pipelines.Integer}},
	}
}
