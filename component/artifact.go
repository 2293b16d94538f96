package component

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/authcall/authcall/internal/executor"
)

// mountRoot is where KFP runtimes mount object stores: gs://bucket/object is
// /gcs/bucket/object.
const mountRoot = "/"

// InputArtifact is an input of a Program that comes as a file.
type InputArtifact struct {
	// Name is the runtime's own name for it.
	Name string
	// URI is where the runtime keeps it.
	URI string
	// Path is the file, to be read.
	Path string
	// Metadata is what the step that made it told of it.
	Metadata map[string]any
}

func (a *InputArtifact) bind(from executor.Artifact) error {
	path, err := from.Path(mountRoot)
	*a = InputArtifact{Name: from.Name, URI: from.URI, Path: path, Metadata: from.Metadata}
	return err
}

// OutputArtifact is an output of a Program that is a file. It is a writer: what
// is written appears under Path when the step has succeeded, and not at all when
// it has not.
type OutputArtifact struct {
	// URI is where the runtime will look for it.
	URI string
	// Path is the file; its folder exists. A step may make the file itself in
	// place of writing here. It is empty where the runtime does not want the
	// artifact.
	Path string
	// Metadata is what is to be known of it, JSON values by name; the step sets it.
	Metadata map[string]any

	file *executor.File
	err  error
}

func (a *OutputArtifact) bind(to executor.Artifact) error {
	path, err := to.Path(mountRoot)
	if err != nil {
		return err
	}
	a.URI, a.Path = to.URI, path
	return os.MkdirAll(filepath.Dir(path), 0o755) //nolint:gosec // the runtime reads outputs, often as another user
}

// Write adds to the content. It implements io.Writer. An error fails the step
// even where it is not looked at.
func (a *OutputArtifact) Write(p []byte) (int, error) {
	if a.Path == "" {
		return len(p), nil
	}
	if a.file == nil && a.err == nil {
		a.file, a.err = executor.CreateBeside(a.Path)
	}
	if a.err != nil {
		return 0, a.err
	}
	var n int
	n, a.err = a.file.Write(p)
	return n, a.err
}

// end publishes what was written, or discards it.
func (a *OutputArtifact) end(failed bool) error {
	switch {
	case a.file == nil:
		return a.err
	case failed || a.err != nil:
		return errors.Join(a.err, a.file.Discard())
	default:
		return a.file.Publish()
	}
}
