package pipelinespec

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"sync"
)

var identifier = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`) })

// place is where in a spec something is, such as
// root.dag.tasks["call"].inputs.parameters["url"].
type place string

func (p place) field(name string) place {
	if p == "" {
		return place(name)
	}
	return p + place("."+name)
}

func (p place) key(name string) place { return p + place(fmt.Sprintf("[%q]", name)) }

// child is a field where name looks like one, else a key.
func (p place) child(name string) place {
	if identifier().MatchString(name) {
		return p.field(name)
	}
	return p.key(name)
}

func (p place) index(i int) place { return p + place(fmt.Sprintf("[%d]", i)) }

// problems collects what is wrong, each with its place.
type problems struct{ errs []error }

func (p *problems) add(at place, format string, args ...any) {
	err := fmt.Errorf(format, args...)
	if at != "" {
		err = fmt.Errorf("%s: %w", at, err)
	}
	p.errs = append(p.errs, err)
}

func (p *problems) err() error { return errors.Join(p.errs...) }

// sorted ranges over a map in the order of its keys, so that problems come in
// the same order every time.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}
