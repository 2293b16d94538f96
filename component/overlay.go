package component

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"

	"github.com/authcall/authcall/internal/executor"
)

// overlay puts the executor input's parameters over the config. What is not
// given leaves the config as it is; a parameter that the component does not
// have is an error, for its name is most often misspelt.
func (c *Config) overlay(in *executor.Input) error {
	return inputError(overlay(fieldsByName(reflect.ValueOf(c).Elem()), in))
}

// overlay puts the parameters of an executor input over the fields of a struct.
func overlay(fields map[string]reflect.Value, in *executor.Input) error {
	var problems []error
	for _, name := range in.Names() {
		field, known := fields[name]
		if !known {
			problems = append(problems, fmt.Errorf("unknown input %q", name))
			continue
		}
		value, given := in.Parameter(name)
		if !given {
			continue
		}
		err := assign(field, value)
		if mismatch, ok := errors.AsType[*mismatchError](err); ok {
			err = fmt.Errorf("got %s, %w", executor.KindOf(value), mismatch)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("input %s: %w", name, err))
		}
	}
	return errors.Join(problems...)
}

// Set sets one option by its input name from text, as a flag gives it.
func (c *Config) Set(input, text string) error {
	field, known := fieldsByName(reflect.ValueOf(c).Elem())[input]
	if !known {
		return inputError(fmt.Errorf("unknown input %q", input))
	}
	if err := assignText(field, text); err != nil {
		return inputError(fmt.Errorf("%s: %w", input, err))
	}
	return nil
}

// assignText sets a field from text, as flags and defaults give it.
func assignText(field reflect.Value, text string) error {
	value := json.RawMessage(text)
	if field.Kind() == reflect.String || !json.Valid(value) {
		value, _ = json.Marshal(text) // a string always has a JSON form
	}
	return assign(field, value)
}

// fieldsByName are a struct's fields by the names of their parameters.
func fieldsByName(structure reflect.Value) map[string]reflect.Value {
	fields := make(map[string]reflect.Value, structure.NumField())
	for i := range structure.NumField() {
		fields[snakeCase(structure.Type().Field(i).Name)] = structure.Field(i)
	}
	return fields
}

// decoder is what option types share that are text in the environment.
type decoder interface{ Decode(text string) error }

// assign sets a field from JSON. Runtimes pass numbers as floats, and some pass
// structured values as text.
func assign(field reflect.Value, value json.RawMessage) error {
	var text string
	isText := json.Unmarshal(value, &text) == nil
	if d, ok := field.Addr().Interface().(decoder); ok {
		if !isText {
			text = string(value)
		}
		return d.Decode(text)
	}
	switch kind := field.Kind(); {
	case kind == reflect.String && isText:
		field.SetString(text)
		return nil
	case kind == reflect.String:
		return &mismatchError{"a string"}
	case field.CanInt():
		return assignInt(field, value)
	case isText && !field.CanFloat() && kind != reflect.Bool:
		value = json.RawMessage(text)
	}
	if err := json.Unmarshal(value, field.Addr().Interface()); err != nil {
		return wanted(field) // not the error itself, which may show the value
	}
	return nil
}

// wanted says what JSON a field takes.
func wanted(field reflect.Value) error {
	switch kfpType(field.Type()) {
	case "Boolean":
		return &mismatchError{"true or false"}
	case "Float":
		return &mismatchError{"a number"}
	case "JsonArray":
		return &mismatchError{"a JSON array"}
	default:
		return &mismatchError{"a JSON object"}
	}
}

// maxInteger is the largest whole number that JSON carries exactly.
const maxInteger = 1<<53 - 1

func assignInt(field reflect.Value, value json.RawMessage) error {
	var number float64
	if err := json.Unmarshal(value, &number); err != nil || number != math.Trunc(number) || math.Abs(number) > maxInteger || field.OverflowInt(int64(number)) {
		return &mismatchError{"a whole number"}
	}
	field.SetInt(int64(number))
	return nil
}
