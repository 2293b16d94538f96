package pipelinespec

import (
	"encoding"
	"math"
	"reflect"
	"strings"
)

// decoder fills Go structs from JSON values by their json tags. Unlike
// encoding/json it tells all unknown fields and wrong types at once, each with
// its place in the document.
type decoder struct{ problems }

func (d *decoder) value(at place, v any, into reflect.Value) {
	if into.Kind() == reflect.Interface {
		if v != nil {
			into.Set(reflect.ValueOf(v))
		}
		return
	}
	if v == nil {
		return // null is the same as not given, as in protobuf's JSON
	}
	if text, ok := into.Addr().Interface().(encoding.TextUnmarshaler); ok {
		d.text(at, v, text)
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		d.value(at, v, into.Elem())
	case reflect.Struct:
		d.object(at, v, into)
	case reflect.Map:
		d.mapping(at, v, into)
	case reflect.Slice:
		d.array(at, v, into)
	default:
		d.scalar(at, v, into)
	}
}

func (d *decoder) text(at place, v any, into encoding.TextUnmarshaler) {
	text, ok := v.(string)
	if !ok {
		d.add(at, "got %s, want a string", kindOf(v))
		return
	}
	if err := into.UnmarshalText([]byte(text)); err != nil {
		d.add(at, "%w", err)
	}
}

func (d *decoder) object(at place, v any, into reflect.Value) {
	object, ok := v.(map[string]any)
	if !ok {
		d.add(at, "got %s, want an object", kindOf(v))
		return
	}
	fields := jsonFields(into)
	for name, value := range sorted(object) {
		field, known := fields[name]
		if !known {
			d.add(at, "unknown field %q", name)
			continue
		}
		d.value(at.field(name), value, field)
	}
}

// jsonFields are the fields of a struct by their names in JSON.
func jsonFields(v reflect.Value) map[string]reflect.Value {
	fields := make(map[string]reflect.Value, v.NumField())
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name != "-" {
			fields[name] = v.Field(i)
		}
	}
	return fields
}

func (d *decoder) mapping(at place, v any, into reflect.Value) {
	object, ok := v.(map[string]any)
	if !ok {
		d.add(at, "got %s, want an object", kindOf(v))
		return
	}
	into.Set(reflect.MakeMapWithSize(into.Type(), len(object)))
	for key, value := range sorted(object) {
		element := reflect.New(into.Type().Elem()).Elem()
		if value == nil && element.Kind() == reflect.Pointer {
			d.add(at.key(key), "got null, want an object")
			continue
		}
		d.value(at.key(key), value, element)
		into.SetMapIndex(reflect.ValueOf(key), element)
	}
}

func (d *decoder) array(at place, v any, into reflect.Value) {
	array, ok := v.([]any)
	if !ok {
		d.add(at, "got %s, want an array", kindOf(v))
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(array), len(array)))
	for i, value := range array {
		d.value(at.index(i), value, into.Index(i))
	}
}

func (d *decoder) scalar(at place, v any, into reflect.Value) {
	switch into.Kind() {
	case reflect.String:
		if text, ok := v.(string); ok {
			into.SetString(text)
			return
		}
		d.add(at, "got %s, want a string", kindOf(v))
	case reflect.Bool:
		if b, ok := v.(bool); ok {
			into.SetBool(b)
			return
		}
		d.add(at, "got %s, want a boolean", kindOf(v))
	default:
		d.number(at, v, into)
	}
}

func (d *decoder) number(at place, v any, into reflect.Value) {
	number, ok := v.(float64)
	switch {
	case !ok:
		d.add(at, "got %s, want a number", kindOf(v))
	case into.CanFloat():
		into.SetFloat(number)
	case number != math.Trunc(number) || math.Abs(number) > math.MaxInt32:
		d.add(at, "got %v, want an integer of 32 bits", number)
	default:
		into.SetInt(int64(number))
	}
}
