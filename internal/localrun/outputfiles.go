package localrun

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/authcall/authcall/internal/pipelinespec"
)

// Names of files beside a task's outputs.
const (
	executorOutputName = "executor_output.json"
	executorErrorName  = "executor_error.json"
)

// maxOutputFile bounds what is read of a file that a step wrote, in bytes.
const maxOutputFile = 16 << 20

// outputFiles are the places of one task's outputs.
type outputFiles struct {
	unit  *unit
	image string
	// uri and dir are the task's directory, as URI and on this machine.
	uri, dir string
}

func (u *unit) outputFiles(image string) *outputFiles {
	return &outputFiles{unit: u, image: image, uri: u.uri(), dir: u.Paths.LocalPath(u.uri())}
}

// stepPath is where the step finds one of the task's files.
func (f *outputFiles) stepPath(name string) string { return f.pathOf(f.uri + "/" + name) }

// pathOf is where the step finds what an URI names, "" for what is not mounted.
func (f *outputFiles) pathOf(uri string) string {
	local := f.unit.Paths.LocalPath(uri)
	if local == "" || mountPath(uri) == "" {
		return ""
	}
	return f.unit.Launcher.StepPath(f.image, uri, local)
}

// artifact is an output artifact before the step has said anything about it.
func (f *outputFiles) artifact(c *pipelinespec.Component, name string) Artifact {
	declared := c.OutputArtifacts()[name]
	return Artifact{Name: name, Type: declared.ArtifactType.SchemaTitle, URI: f.uri + "/" + name, Metadata: declared.Metadata}
}

// prepare makes the directory and clears what an earlier attempt left there.
func (f *outputFiles) prepare() error {
	if err := os.MkdirAll(f.dir, 0o755); err != nil { //nolint:gosec // a container may run as another user
		return err
	}
	names := append(sortedKeys(f.unit.component.OutputParameters()), executorOutputName, executorErrorName)
	names = append(names, sortedKeys(f.unit.component.OutputArtifacts())...)
	for _, name := range names {
		if err := os.RemoveAll(filepath.Join(f.dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// explain says why a step failed, in its own words where it left any.
func (f *outputFiles) explain(exit *ExitError, stderr string) error {
	var own struct {
		ErrorMessage string `json:"errorMessage"`
	}
	data, err := readFile(filepath.Join(f.dir, executorErrorName))
	if err == nil && json.Unmarshal(data, &own) == nil && own.ErrorMessage != "" {
		return &StepError{Message: own.ErrorMessage, Own: true, Exit: exit}
	}
	return &StepError{Message: stderr, Exit: exit}
}

// readFile reads a file that a step wrote.
func readFile(path string) (data []byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	data, err = io.ReadAll(io.LimitReader(file, maxOutputFile+1))
	if len(data) > maxOutputFile {
		return nil, fmt.Errorf("%s: got more than %d bytes", path, maxOutputFile)
	}
	return data, err
}

// isMissing says whether there is no such file.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
