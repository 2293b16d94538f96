package pipelines

import (
	"fmt"
	"slices"
	"strings"

	"github.com/authcall/authcall/internal/pipelinespec"
)

// Option changes a built-in pipeline.
type Option func(*options)

type options struct{ image string }

// WithImage runs the call in another image than this build's own.
func WithImage(ref string) Option {
	return func(o *options) { o.image = ref }
}

// Names lists the built-in pipelines.
func Names() []string {
	names := make([]string, 0, len(builtins()))
	for _, b := range builtins() {
		names = append(names, b.name)
	}
	return names
}

// Builtin compiles the built-in pipeline of the name.
func Builtin(name string, change ...Option) (*pipelinespec.Spec, error) {
	var o options
	for _, c := range change {
		c(&o)
	}
	i := slices.IndexFunc(builtins(), func(b builtin) bool { return b.name == name })
	if i < 0 {
		return nil, fmt.Errorf("no built-in pipeline %q, there is %s", name, strings.Join(Names(), ", "))
	}
	call := Call()
	if o.image != "" {
		call.Image = o.image
	}
	return builtins()[i].build(call).Compile()
}

// builtin is a pipeline around one call component.
type builtin struct {
	name  string
	build func(call *Container) *Pipeline
}

func builtins() []builtin {
	return []builtin{{"cloudrun", CloudRun}, {"iap", IAP}}
}
