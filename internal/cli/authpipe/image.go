package authpipe

import (
	"errors"
	"regexp"
	"strings"

	"github.com/spf13/pflag"

	"github.com/authcall/authcall/component"
	"github.com/authcall/authcall/internal/pipelinespec"
)

func (s *source) registerImage(flags *pflag.FlagSet) {
	flags.StringVar(&s.image, "image", "", "`IMAGE` to run the call in: a copy of the step's own, in whose place it is put")
}

// checkImage tells of a text that cannot be the reference of an image; empty is
// none. What a registry makes of it is not known here.
func checkImage(ref string) error {
	if ref == "" || regexp.MustCompile(`^[\w.-]+(:\d+)?(/[\w.-]+)*(:[\w.-]+)?(@\w+:[0-9a-f]+)?$`).MatchString(ref) {
		return nil
	}
	return usageErrorf("--image: got %q, want an image such as registry.example.com/authcall:v1", ref)
}

// replaceImage puts the image in the place of the step's own, wherever that is; it
// may be there already.
func (s source) replaceImage(spec *pipelinespec.Spec) error {
	if s.image == "" {
		return nil
	}
	replaced := false
	for _, executor := range spec.DeploymentSpec.Executors {
		if c := executor.Container; c != nil && (isOwn(c.Image) || c.Image == s.image) {
			c.Image, replaced = s.image, true
		}
	}
	if !replaced {
		return errors.New("--image replaces " + component.Repository + ", which no task runs in")
	}
	return nil
}

// isOwn tells whether an image reference is one of the step's own image.
func isOwn(image string) bool {
	tag, ok := strings.CutPrefix(image, component.Repository)
	return ok && (tag == "" || tag[0] == ':' || tag[0] == '@')
}
