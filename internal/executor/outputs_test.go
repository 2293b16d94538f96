package executor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWriteGivesBothFormsEqual(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := Outputs{
		OutputFile: filepath.Join(dir, "deep/down/out.json"),
		Parameters: map[string]string{
			"status_code": filepath.Join(dir, "params/status_code"),
			"text":        filepath.Join(dir, "params/text"),
			"ok":          filepath.Join(dir, "params/ok"),
		},
		Artifacts: map[string]Artifact{"response": {Name: "projects/1/artifacts/9", URI: "gs://b/r", CustomPath: "/x/r"}},
	}
	if err := o.Prepare(); err != nil {
		t.Fatal(err)
	}
	err := o.Write(Values{
		Parameters: map[string]any{"status_code": 200, "text": "a\n\"b\"", "ok": true, "undeclared": "left out"},
		Metadata:   map[string]map[string]any{"response": {"bytes": 3}, "undeclared": {"bytes": 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"deep/down/out.json": `{"parameterValues":{"ok":true,"status_code":200,"text":"a\n\"b\""},` +
			`"artifacts":{"response":{"artifacts":[{"name":"projects/1/artifacts/9","uri":"gs://b/r","customPath":"/x/r","metadata":{"bytes":3}}]}}}`,
		"params/status_code": "200",
		"params/text":        "a\n\"b\"",
		"params/ok":          "true",
	}
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestWriteNeedsEveryDeclaredParameter(t *testing.T) {
	t.Parallel()
	o := Outputs{Parameters: map[string]string{"tempo": filepath.Join(t.TempDir(), "tempo")}}
	if err := o.Write(Values{}); err == nil || !strings.Contains(err.Error(), `"tempo" is declared`) {
		t.Errorf("Write error = %v, want one that names tempo", err)
	}
}

func TestPrepareTellsAllThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o := Outputs{
		OutputFile: filepath.Join(file, "out.json"),
		Parameters: map[string]string{"a": filepath.Join(file, "deep/a"), "fine": filepath.Join(dir, "fine")},
	}
	err := o.Prepare()
	if err == nil || !strings.Contains(err.Error(), "out.json") || !strings.Contains(err.Error(), "file/deep/a") {
		t.Errorf("Prepare error = %v, want one that names both", err)
	}
	if got := tree(t, dir); len(got) != 1 {
		t.Errorf("Prepare left files behind: %v", got)
	}
}

func TestWriteError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := Outputs{OutputFile: filepath.Join(dir, "task/out.json")}
	if err := o.WriteError("the cause"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"task/executor_error.json": `{"errorMessage":"the cause"}`}, tree(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if err := o.Prepare(); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, dir); len(got) != 0 {
		t.Errorf("another try begins with %v, want the cause of the last gone", got)
	}
	if err := new(Outputs).WriteError("nowhere"); err != nil {
		t.Errorf("WriteError without an output file = %v, want nil", err)
	}
}

func TestFileAppearsOnlyWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "sub/body")
	file, err := CreateBeside(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString("half"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("Stat before Publish = %v, want that it does not exist", err)
	}
	if err := file.Discard(); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, dir); len(got) != 0 {
		t.Errorf("Discard left %v", got)
	}
}

// tree maps each file below dir to its content.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, dir+"/")] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
