package authpipe

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/pipelines"
)

// source names a pipeline: a built-in one, a file, or - for standard input.
type source struct {
	name string
	// image runs the call of a built-in pipeline in another image; empty means
	// the one of this build.
	image string
}

func (s source) builtin() bool { return slices.Contains(pipelines.Names(), s.name) }

// load compiles or reads the pipeline and checks it.
func (s source) load(stdin io.Reader) (*pipelinespec.Spec, error) {
	if s.builtin() {
		var options []pipelines.Option
		if s.image != "" {
			options = append(options, pipelines.WithImage(s.image))
		}
		return pipelines.Builtin(s.name, options...)
	}
	if s.image != "" {
		return nil, usageErrorf("--image is for built-in pipelines (%s): %s names its own images", names(), s.name)
	}
	data, err := s.read(stdin)
	if err != nil {
		return nil, err
	}
	spec, err := pipelinespec.Parse(data)
	if err == nil {
		err = spec.Validate()
	}
	if err != nil {
		return nil, usageErrorf("%s: %w", s.name, err)
	}
	return spec, nil
}

func (s source) read(stdin io.Reader) ([]byte, error) {
	if s.name == "-" {
		data, err := io.ReadAll(stdin)
		if err != nil {
			return nil, usageErrorf("reading standard input: %w", err)
		}
		return data, nil
	}
	data, err := os.ReadFile(s.name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && strings.Contains(s.name, "://"):
		return nil, usageErrorf("%s: want a built-in pipeline (%s) or a file, not a URL", s.name, names())
	case errors.Is(err, fs.ErrNotExist):
		return nil, usageErrorf("no file %q, and no built-in pipeline of that name (%s)", s.name, names())
	case err != nil:
		return nil, usageErrorf("reading the pipeline: %w", err)
	}
	return data, nil
}

func names() string { return strings.Join(pipelines.Names(), ", ") }
