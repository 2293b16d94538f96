package authpipe

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/authcall/authcall/internal/cli/authpipe/remote"
	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/pipelines"
)

// source names a pipeline: a built-in one, a file, a URL, or - for standard
// input.
type source struct {
	name string
	// image is what the call runs in instead of the step's own image; empty
	// changes nothing.
	image string
}

const (
	// sourceArg is how usage texts call a source.
	sourceArg = "PIPELINE|FILE|URL"
	// sourceHelp says what a source may be.
	sourceHelp = "The spec, in YAML or JSON, is a file, - for standard input, or at gs://BUCKET/OBJECT,\n" +
		"at https://LOCATION-kfp.pkg.dev/… or at another https:// URL. Your own credentials are\n" +
		"shown to Cloud Storage and to Artifact Registry alone."
)

func (s source) builtin() bool { return slices.Contains(pipelines.Names(), s.name) }

// load compiles or reads the pipeline and checks it.
func (s source) load(ctx context.Context, f *factory) (*pipelinespec.Spec, error) {
	if err := checkImage(s.image); err != nil {
		return nil, err
	}
	if s.builtin() {
		var options []pipelines.Option
		if s.image != "" {
			options = append(options, pipelines.WithImage(s.image))
		}
		return pipelines.Builtin(s.name, options...)
	}
	data, err := s.read(ctx, f)
	if err != nil {
		return nil, err
	}
	spec, err := pipelinespec.Parse(data)
	if err == nil {
		err = spec.Validate()
	}
	if err == nil {
		err = s.replaceImage(spec)
	}
	if err != nil {
		return nil, &specError{name: s.shown(), err: err}
	}
	if spec.PlatformSpec != nil {
		f.say("%s: its platform spec, which is for Kubernetes alone, is neither checked nor kept", s.shown())
	}
	return spec, nil
}

// specError is a spec that was read and is wrong.
type specError struct {
	name string
	err  error
}

func (e *specError) Error() string { return e.name + ": " + e.err.Error() }
func (e *specError) Unwrap() error { return e.err }

// shown is the name as it may be shown: the query of a URL may be secret.
func (s source) shown() string {
	if l, err := remote.Parse(s.name); err == nil {
		return l.String()
	}
	return s.name
}

func (s source) read(ctx context.Context, f *factory) ([]byte, error) {
	switch {
	case s.name == "-":
		data, err := io.ReadAll(f.stdin)
		if err != nil {
			return nil, usageErrorf("reading standard input: %w", err)
		}
		return data, nil
	case remote.IsURL(s.name):
		return f.fetch(ctx, s.name)
	}
	data, err := os.ReadFile(s.name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usageErrorf("no file %q, and no built-in pipeline of that name (%s)", s.name, names())
	case err != nil:
		return nil, usageErrorf("reading the pipeline: %w", err)
	}
	return data, nil
}

func names() string { return strings.Join(pipelines.Names(), ", ") }
