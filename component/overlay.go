package component

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"

	"github.com/authcall/authcall/internal/executor"
)

// Overlay puts the executor input's parameters over the config. What is not
// given leaves the config as it is; a parameter that the component does not
// have is an error, for its name is most often misspelt.
func (c *Config) Overlay(in *executor.Input) error {
	fields := fieldsByInput(c)
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
		if err := assign(field, value); err != nil {
			problems = append(problems, fmt.Errorf("input %s: %w", name, err))
		}
	}
	return inputError(errors.Join(problems...))
}

// Set sets one option by its input name from text, as a flag gives it.
func (c *Config) Set(input, text string) error {
	field, known := fieldsByInput(c)[input]
	if !known {
		return inputError(fmt.Errorf("unknown input %q", input))
	}
	value := json.RawMessage(text)
	if field.Kind() == reflect.String || !json.Valid(value) {
		value, _ = json.Marshal(text) // a string always has a JSON form
	}
	if err := assign(field, value); err != nil {
		return inputError(fmt.Errorf("%s: %w", input, err))
	}
	return nil
}

func fieldsByInput(c *Config) map[string]reflect.Value {
	value := reflect.ValueOf(c).Elem()
	fields := make(map[string]reflect.Value, value.NumField())
	for i := range value.NumField() {
		fields[snakeCase(value.Type().Field(i).Name)] = value.Field(i)
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
	switch {
	case field.Kind() == reflect.String && isText:
		field.SetString(text)
		return nil
	case field.Kind() == reflect.Int:
		return assignInt(field, value)
	case field.Kind() == reflect.Bool:
		if err := json.Unmarshal(value, field.Addr().Interface()); err != nil {
			return errors.New("want true or false")
		}
		return nil
	}
	return errors.New("want a string")
}

// maxInteger is the largest whole number that JSON carries exactly.
const maxInteger = 1<<53 - 1

func assignInt(field reflect.Value, value json.RawMessage) error {
	var number float64
	if err := json.Unmarshal(value, &number); err != nil || number != math.Trunc(number) || math.Abs(number) > maxInteger {
		return errors.New("want a whole number")
	}
	field.SetInt(int64(number))
	return nil
}
