package executor

import (
	"encoding/json"
	"reflect"
	"strings"
)

// KindOf says what a JSON value is, for a message that must not show it.
func KindOf(value json.RawMessage) string {
	switch text := strings.TrimSpace(string(value)); {
	case text == "", text == "null":
		return "nothing"
	case text[0] == '{':
		return "an object"
	case text[0] == '[':
		return "an array"
	case text[0] == '"':
		return "a string"
	case text == "true", text == "false":
		return "true or false"
	}
	return "a number"
}

// gotten says the same by the name that encoding/json has for a value.
func gotten(name string) string {
	name, _, _ = strings.Cut(name, " ") // a number follows its name
	switch name {
	case "object", "array":
		return "an " + name
	case "bool":
		return "true or false"
	}
	return "a " + name
}

// wanted says what JSON a Go type is read from.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice:
		return "an array"
	}
	return "a " + t.Kind().String()
}
