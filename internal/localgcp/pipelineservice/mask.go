package pipelineservice

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/structpb"
)

// mask is a field mask as a tree: what it names is kept, all of it where nothing
// below is named. A nil mask keeps all.
type mask map[string]mask

// parseMask reads a mask of fields of the message.
func parseMask(fields *fieldmaskpb.FieldMask, of proto.Message) (mask, error) {
	if len(fields.GetPaths()) == 0 {
		return nil, nil
	}
	tree := mask{}
	for _, path := range fields.GetPaths() {
		if path == "*" {
			return nil, nil
		}
		if err := tree.add(strings.Split(path, "."), of.ProtoReflect().Descriptor()); err != nil {
			return nil, fmt.Errorf("%w in %q", err, path)
		}
	}
	return tree, nil
}

// add puts a path into the tree. Below a Struct any name may stand.
func (m mask) add(path []string, of protoreflect.MessageDescriptor) error {
	name := path[0]
	var field protoreflect.FieldDescriptor
	if of != nil {
		if field = of.Fields().ByName(protoreflect.Name(name)); field == nil {
			return fmt.Errorf("%s has no field %q", of.Name(), name)
		}
	}
	if len(path) == 1 {
		m[name] = nil
		return nil
	}
	below, known := m[name]
	switch {
	case known && below == nil: // all of it is kept already
		return nil
	case !known:
		below = mask{}
		m[name] = below
	}
	return below.add(path[1:], messageOf(field))
}

// messageOf is what a path may go on into; nil allows anything.
func messageOf(field protoreflect.FieldDescriptor) protoreflect.MessageDescriptor {
	if field == nil || field.Message() == nil || field.IsMap() || field.Message().FullName() == "google.protobuf.Struct" {
		return nil
	}
	return field.Message()
}

// apply clears all that the mask does not name.
func (m mask) apply(message protoreflect.Message) {
	if m == nil {
		return
	}
	if s, ok := message.Interface().(*structpb.Struct); ok {
		m.applyToStruct(s)
		return
	}
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		below, kept := m[string(field.Name())]
		switch {
		case !kept:
			message.Clear(field)
		case below != nil && field.Message() != nil && !field.IsList() && !field.IsMap():
			below.apply(value.Message())
		}
		return true
	})
}

// applyToStruct matches keys as they are and in the spelling that a mask in JSON
// had before it became one of proto names.
func (m mask) applyToStruct(s *structpb.Struct) {
	kept := map[string]mask{}
	for name, below := range m {
		kept[name], kept[camelCase(name)] = below, below
	}
	for key, value := range s.GetFields() {
		below, ok := kept[key]
		if !ok {
			delete(s.GetFields(), key)
			continue
		}
		if below != nil && value.GetStructValue() != nil {
			below.applyToStruct(value.GetStructValue())
		}
	}
}

func camelCase(name string) string {
	words := strings.Split(name, "_")
	for i, word := range words[1:] {
		if word != "" {
			words[i+1] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, "")
}
