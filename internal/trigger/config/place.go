package config

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// place is the way from the top of the file to a field: names and indices.
type place []any

func (p place) with(step ...any) place { return append(p[:len(p):len(p)], step...) }

// String is the place as in routes[0].callers.
func (p place) String() string {
	var b strings.Builder
	for _, step := range p {
		switch step := step.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", step)
		case string:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(step)
		}
	}
	return b.String()
}

// line is where the field is in the document, or what comes nearest above it.
func (p place) line(document *yaml.Node) int {
	node, line := document, 1
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		node = node.Content[0]
	}
	for _, step := range p {
		key, next := child(node, step)
		if next == nil {
			break
		}
		node, line = next, key.Line
	}
	return line
}

// child finds a field or an element, and the node that names it.
func child(node *yaml.Node, step any) (key, value *yaml.Node) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch step := step.(type) {
	case int:
		if node.Kind == yaml.SequenceNode && step < len(node.Content) {
			return node.Content[step], node.Content[step]
		}
	case string:
		for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == step {
				return node.Content[i], node.Content[i+1]
			}
		}
	}
	return nil, nil
}

// faults gathers all that is wrong, each with its line and its place.
type faults struct {
	document *yaml.Node
	all      []error
}

func (f *faults) add(at place, format string, args ...any) {
	err := fmt.Errorf(format, args...)
	if len(at) > 0 {
		err = fmt.Errorf("%s: %w", at, err)
	}
	f.all = append(f.all, fmt.Errorf("line %d: %w", at.line(f.document), err))
}

// check adds an error where there is one.
func (f *faults) check(at place, err error) {
	if err != nil {
		f.add(at, "%w", err)
	}
}

func (f *faults) want(ok bool, at place, got any, want string) {
	switch {
	case ok:
	case got == "":
		f.add(at, "it is missing, want %s", want)
	default:
		f.add(at, "got %v, want %s", shown(got), want)
	}
}

func shown(value any) string {
	if n, ok := value.(int64); ok {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%q", value)
}
