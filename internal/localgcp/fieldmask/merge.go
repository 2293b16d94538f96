package fieldmask

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

// Merge puts the fields that the mask names from one message into another of its
// type. A field that is not set there is cleared, and so is a message that has none
// left. Nothing changes where it fails.
func Merge[M proto.Message](into, from M, mask *fieldmaskpb.FieldMask) error {
	for _, path := range mask.GetPaths() {
		if err := check(into.ProtoReflect().Descriptor(), path); err != nil {
			return err
		}
	}
	for _, path := range mask.GetPaths() {
		put(into.ProtoReflect(), from.ProtoReflect(), strings.Split(path, "."))
	}
	return nil
}

// check follows a path through fields that hold one message each.
func check(in protoreflect.MessageDescriptor, path string) error {
	steps := strings.Split(path, ".")
	for i, step := range steps {
		field := in.Fields().ByName(protoreflect.Name(step))
		if field == nil {
			return fmt.Errorf("%s has no field %q in %q", in.Name(), step, path)
		}
		if i == len(steps)-1 {
			return nil
		}
		if field.Message() == nil || field.IsMap() || field.IsList() {
			return fmt.Errorf("nothing is below %q in %q", step, path)
		}
		in = field.Message()
	}
	return nil
}

// put takes over the field at the end of the path.
func put(into, from protoreflect.Message, path []string) {
	field := into.Descriptor().Fields().ByName(protoreflect.Name(path[0]))
	switch {
	case len(path) > 1 && (from.Has(field) || into.Has(field)):
		inner := into.Mutable(field).Message()
		put(inner, from.Get(field).Message(), path[1:])
		if !from.Has(field) && proto.Size(inner.Interface()) == 0 {
			into.Clear(field)
		}
	case len(path) > 1: // neither has what the field would be in
	case from.Has(field):
		into.Set(field, from.Get(field))
	default:
		into.Clear(field)
	}
}
