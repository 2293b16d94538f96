package sender

import (
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Kind is what one sort of resource knows of itself, for its states to be
// compared.
type Kind[M proto.Message] struct {
	// Noun is what people call it.
	Noun string
	// Normal fills in what the API takes for granted, so that what was left out
	// equals what was said; it may change its argument.
	Normal func(M)
	// MaskDepth is how deep an update's field mask may reach.
	MaskDepth int
	// Fixed are the paths that no update can change.
	Fixed []string
}

// Changes lists what differs between the resource that is there and the one that
// is wanted.
func (k Kind[M]) Changes(have, want M) []Change { return Diff(k.normal(have), k.normal(want)) }

// Mask names the fields that an update has to change.
func (k Kind[M]) Mask(changes []Change) []string { return Mask(changes, k.MaskDepth) }

// Immutable lists those of the changes that no update can make.
func (k Kind[M]) Immutable(changes []Change) []string {
	var paths []string
	for _, c := range changes {
		if slices.Contains(k.Fixed, c.Path) {
			paths = append(paths, c.Path)
		}
	}
	return paths
}

func (k Kind[M]) normal(m M) M {
	m = proto.CloneOf(m)
	clearOutput(m.ProtoReflect())
	k.Normal(m)
	return m
}

// clearOutput takes away what only the API sets.
func clearOutput(m protoreflect.Message) {
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case isOutput(field):
			m.Clear(field)
		case isObject(field):
			clearOutput(value.Message())
		}
		return true
	})
}

func isOutput(field protoreflect.FieldDescriptor) bool {
	behaviors, _ := proto.GetExtension(field.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
	return slices.Contains(behaviors, annotations.FieldBehavior_OUTPUT_ONLY)
}

// Describe tells of changes on one line.
func Describe(changes []Change) string {
	lines := make([]string, 0, len(changes))
	for _, c := range changes {
		lines = append(lines, c.String())
	}
	return strings.Join(lines, "; ")
}
