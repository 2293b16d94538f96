package yamlfault

import (
	"errors"
	"regexp"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// ofType is how the library names a Go type.
var ofType = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(` (in type|into) \S+( {})?$`)
})

// Plain rewrites an error of the YAML library. Where it has several faults they are
// joined, each with its line.
func Plain(err error) error {
	wrong, ok := errors.AsType[*yaml.TypeError](err)
	if !ok {
		return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	faults := make([]error, len(wrong.Errors))
	for i, text := range wrong.Errors {
		faults[i] = errors.New(ofType().ReplaceAllString(text, ""))
	}
	return errors.Join(faults...)
}
