package filter

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// compared is one comparison.
type compared struct {
	path     []string
	operator string
	value    string
}

// holds says whether it is so. A field that does not exist is nothing.
func (c compared) holds(m proto.Message) bool {
	got := valueAt(m.ProtoReflect(), c.path)
	order, known := compare(got, c.value)
	switch c.operator {
	case "=":
		return known && order == 0
	case "!=":
		return !known || order != 0
	case ":":
		return known && order == 0 || strings.Contains(strings.ToLower(got.text), strings.ToLower(c.value))
	case "<":
		return known && order < 0
	case "<=":
		return known && order <= 0
	case ">":
		return known && order > 0
	default:
		return known && order >= 0
	}
}

// value is a field's: its text, and a number where it is one.
type value struct {
	text   string
	number float64
	kind   kind
}

type kind int

const (
	isNothing kind = iota
	isText
	isNumber
	isDuration
	isTime
)

// compare orders a field's value and a filter's; known is false where they cannot
// be compared.
func compare(got value, want string) (order int, known bool) {
	switch got.kind {
	case isText:
		return cmp.Compare(got.text, want), true
	case isNumber:
		n, err := strconv.ParseFloat(want, 64)
		return cmp.Compare(got.number, n), err == nil
	case isDuration:
		d, err := time.ParseDuration(want)
		return cmp.Compare(got.number, d.Seconds()), err == nil
	case isTime:
		t, err := time.Parse(time.RFC3339, want)
		return cmp.Compare(got.number, seconds(t)), err == nil
	default:
		return 0, false
	}
}

func seconds(t time.Time) float64 {
	return float64(t.Unix()) + float64(t.Nanosecond())/float64(time.Second)
}

// valueAt follows a path of names as they are in the API or in JSON.
func valueAt(m protoreflect.Message, path []string) value {
	for i, name := range path {
		fields := m.Descriptor().Fields()
		field := fields.ByName(protoreflect.Name(name))
		if field == nil {
			field = fields.ByJSONName(name)
		}
		if field == nil || field.IsList() || field.IsMap() {
			return value{}
		}
		if i == len(path)-1 {
			return valueOf(m, field)
		}
		if field.Message() == nil {
			return value{}
		}
		m = m.Get(field).Message()
	}
	return value{}
}

func valueOf(m protoreflect.Message, field protoreflect.FieldDescriptor) value {
	v := m.Get(field)
	switch field.Kind() {
	case protoreflect.EnumKind:
		if e := field.Enum().Values().ByNumber(v.Enum()); e != nil {
			return value{text: string(e.Name()), kind: isText}
		}
		return value{}
	case protoreflect.StringKind:
		return value{text: v.String(), kind: isText}
	case protoreflect.MessageKind:
		if !m.Has(field) {
			return value{}
		}
		switch known := v.Message().Interface().(type) {
		case *durationpb.Duration:
			return value{number: known.AsDuration().Seconds(), kind: isDuration}
		case *timestamppb.Timestamp:
			return value{number: seconds(known.AsTime()), kind: isTime}
		}
		return value{}
	default:
		n, err := strconv.ParseFloat(v.String(), 64)
		if err != nil {
			return value{text: v.String(), kind: isText}
		}
		return value{text: v.String(), number: n, kind: isNumber}
	}
}
