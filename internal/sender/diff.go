package sender

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Change is one field in which two states of a resource differ.
type Change struct {
	// Path names the field as the REST API does, as in httpTarget.uri.
	Path string `json:"path"`
	// Have and Want are the values in JSON; one is nil where the field is not set.
	Have any `json:"have,omitempty"`
	Want any `json:"want,omitempty"`

	field  []string // the path in the names of the messages
	follow bool     // another field of its oneof takes its place
	bytes  bool     // the values are base64
}

// Diff lists what differs between two messages of one type.
func Diff(have, want proto.Message) []Change {
	changes := diff(nil, have.ProtoReflect(), want.ProtoReflect())
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return changes
}

func diff(at []protoreflect.FieldDescriptor, have, want protoreflect.Message) []Change {
	var changes []Change
	fields := have.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		path := append(slices.Clip(at), field)
		switch has, wants := have.Has(field), want.Has(field); {
		case has && wants && isObject(field):
			changes = append(changes, diff(path, have.Get(field).Message(), want.Get(field).Message())...)
		case !has && !wants, has && wants && have.Get(field).Equal(want.Get(field)):
		default:
			changes = append(changes, newChange(path, have, want))
		}
	}
	return changes
}

// isObject tells whether a field holds a message whose fields are of interest one
// by one; Google's own, such as durations, are values.
func isObject(field protoreflect.FieldDescriptor) bool {
	return field.Kind() == protoreflect.MessageKind && !field.IsMap() && !field.IsList() &&
		field.Message().FullName().Parent() != "google.protobuf"
}

func newChange(path []protoreflect.FieldDescriptor, have, want protoreflect.Message) Change {
	field := path[len(path)-1]
	c := Change{Have: asJSON(have, field), Want: asJSON(want, field), bytes: field.Kind() == protoreflect.BytesKind}
	var names []string
	for _, f := range path {
		names = append(names, f.JSONName())
		c.field = append(c.field, string(f.Name()))
	}
	c.Path = strings.Join(names, ".")
	if oneof := field.ContainingOneof(); oneof != nil && !want.Has(field) {
		c.follow = want.WhichOneof(oneof) != nil
	}
	return c
}

// asJSON is one field of a message as the REST API writes it, nil where it is
// not set.
func asJSON(m protoreflect.Message, field protoreflect.FieldDescriptor) any {
	if !m.Has(field) {
		return nil
	}
	alone := m.New()
	alone.Set(field, m.Get(field))
	data, err := protojson.Marshal(alone.Interface())
	if err != nil { // text that is not UTF-8, which no API would have taken
		return fmt.Sprint(m.Get(field))
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		return string(data)
	}
	return fields[field.JSONName()]
}

// Mask names the changed fields for an update, down to so many levels.
func Mask(changes []Change, depth int) []string {
	var mask []string
	for _, c := range changes {
		path := strings.Join(c.field[:min(depth, len(c.field))], ".")
		if !c.follow && !slices.Contains(mask, path) {
			mask = append(mask, path)
		}
	}
	return mask
}

// String is the change on one line, for people.
func (c Change) String() string {
	switch {
	case c.Have == nil:
		return "+ " + c.Path + ": " + c.show(c.Want)
	case c.Want == nil:
		return "- " + c.Path + ": " + c.show(c.Have)
	default:
		return "~ " + c.Path + ": " + c.show(c.Have) + " -> " + c.show(c.Want)
	}
}

// maxShown is how many characters of a value are shown.
const maxShown = 200

func (c Change) show(value any) string {
	if text, ok := value.(string); ok && c.bytes {
		value = readable(text)
	}
	data, err := marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	if text := []rune(data); len(text) > maxShown {
		return fmt.Sprintf("%s… (%d characters)", string(text[:maxShown]), len(text))
	}
	return data
}
