package image

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/authcall/authcall/internal/cli/authpipe/componentyaml"
	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/tests/internal/engine"
	"github.com/authcall/authcall/tests/internal/localup"
	"github.com/authcall/authcall/tests/internal/need"
	"github.com/authcall/authcall/tests/internal/pyenv"
)

const (
	caller     = "caller@local-project.iam.gserviceaccount.com"
	pythonBase = "authcall-test/python"
)

var pythonImage struct {
	once sync.Once
	err  error
}

// withPython gives the test a Python that has the SDK.
func withPython(t *testing.T) string {
	t.Helper()
	need.Time(t, "runs Python")
	need.Program(t, "python3")
	interpreter, err := pyenv.Ensure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return interpreter
}

// withPythonImage gives the test an image that runs components in Python.
func withPythonImage(t *testing.T) (*engine.Engine, string) {
	t.Helper()
	interpreter, e := withPython(t), withEngine(t)
	pythonImage.once.Do(func() {
		pythonImage.err = engine.Python{Tag: pythonBase, Interpreter: interpreter, Modules: []string{"kfp.dsl.executor_main"}}.Make(context.Background(), e)
	})
	if pythonImage.err != nil {
		t.Fatal(pythonImage.err)
	}
	return e, interpreter
}

// desk is a folder with the components, as a user has it, and all around it.
type desk struct {
	dir         string
	interpreter string
	env         []string
}

// newDesk lays component.yaml and notifier.yaml for an image into a new folder.
func newDesk(t *testing.T, interpreter, image string) *desk {
	t.Helper()
	dir := t.TempDir()
	for name, generate := range map[string]func(string) ([]byte, error){"component.yaml": componentyaml.Component, "notifier.yaml": componentyaml.Notifier} {
		data, err := generate(image)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	env := append(localup.BareEnv(t), "PYTHONWARNINGS=ignore", "PYTHONDONTWRITEBYTECODE=1")
	return &desk{dir: dir, interpreter: interpreter, env: env}
}

// run runs a command at the desk and returns what it prints.
func (d *desk) run(t *testing.T, name string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = d.dir, d.env
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// python runs a program of python/.
func (d *desk) python(t *testing.T, script string, args ...string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("python", script))
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr, err := d.run(t, d.interpreter, append([]string{path}, args...)...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s\n%s", script, strings.Join(args, " "), err, stdout, stderr)
	}
	return stdout
}

// example is the path of an example; a name alone is one of examples/python.
func example(t *testing.T, name string) string {
	t.Helper()
	if !strings.Contains(name, "/") {
		name = "python/" + name
	}
	path, err := filepath.Abs(filepath.Join("..", "..", "examples", name+".py"))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// compile compiles an example with the SDK into a file at the desk.
func (d *desk) compile(t *testing.T, name string) string {
	t.Helper()
	file := filepath.Join(d.dir, "pipeline.yaml")
	d.python(t, "compile_example.py", example(t, name), file, "--python-image", pythonBase)
	return file
}

func TestExamplesCompile(t *testing.T) {
	t.Parallel()
	d := newDesk(t, withPython(t), "registry.example.com/authcall:v1")
	sources, err := filepath.Glob(filepath.Join("..", "..", "examples", "python", "*.py"))
	if err != nil || len(sources) < 5 {
		t.Fatalf("%d examples, %v", len(sources), err)
	}
	for _, source := range sources {
		data, err := os.ReadFile(d.compile(t, strings.TrimSuffix(filepath.Base(source), ".py")))
		if err != nil {
			t.Fatal(err)
		}
		spec, err := pipelinespec.Parse(data)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if err := spec.Validate(); err != nil {
			t.Errorf("%s: %v", source, err)
		}
	}
}

// jsonText writes a value for a command line.
func jsonText(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
