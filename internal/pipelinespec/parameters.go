package pipelinespec

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// ParameterError says why a value does not fit a pipeline's parameter.
type ParameterError struct {
	// Name is the parameter's.
	Name string
	// Problem is the rest of the message; it names the declared type where the
	// parameter is declared.
	Problem string
}

func (e *ParameterError) Error() string { return fmt.Sprintf("parameter %q: %s", e.Name, e.Problem) }

// parameters are the pipeline's declared parameters by name.
func (s *Spec) parameters() map[string]*InputParameter {
	if s.Root == nil || s.Root.InputDefinitions == nil {
		return nil
	}
	return s.Root.InputDefinitions.Parameters
}

// BindParameters types values that were given as text, such as -p timeout=60,
// by the declarations: a LIST and a STRUCT are given as JSON, the rest as plain
// text. The result holds JSON values for what was given, no defaults. All
// problems are told at once, each as a *ParameterError.
func (s *Spec) BindParameters(given map[string]string) (map[string]any, error) {
	declared := s.parameters()
	values := make(map[string]any, len(given))
	var errs []error
	for name, text := range sorted(given) {
		parameter := declared[name]
		if parameter == nil {
			errs = append(errs, unknownParameter(name, declared))
			continue
		}
		value, err := parameter.ParameterType.Parse(text)
		if err != nil {
			errs = append(errs, &ParameterError{Name: name, Problem: err.Error()})
		}
		values[name] = value
	}
	return values, errors.Join(append(errs, missing(declared, values)...)...)
}

// CheckParameters checks values that are typed already, as BindParameters gives
// them.
func (s *Spec) CheckParameters(values map[string]any) error {
	declared := s.parameters()
	var errs []error
	for name, value := range sorted(values) {
		parameter := declared[name]
		if parameter == nil {
			errs = append(errs, unknownParameter(name, declared))
			continue
		}
		if err := parameter.ParameterType.Check(value); err != nil {
			errs = append(errs, &ParameterError{Name: name, Problem: err.Error()})
		}
	}
	return errors.Join(append(errs, missing(declared, values)...)...)
}

func missing(declared map[string]*InputParameter, values map[string]any) []error {
	absent := map[string]ParameterType{}
	for name, parameter := range declared {
		if _, given := values[name]; !given && parameter.Required() {
			absent[name] = parameter.ParameterType
		}
	}
	var errs []error
	for name, want := range sorted(absent) {
		errs = append(errs, &ParameterError{Name: name, Problem: fmt.Sprintf("got nothing, want %s: it has no default", want)})
	}
	return errs
}

func unknownParameter(name string, declared map[string]*InputParameter) *ParameterError {
	known := "it has none"
	if len(declared) > 0 {
		known = "it has " + strings.Join(slices.Sorted(maps.Keys(declared)), ", ")
	}
	return &ParameterError{Name: name, Problem: "the pipeline has no such parameter: " + known}
}

// Parse reads a value of the type from text.
func (t ParameterType) Parse(text string) (any, error) {
	if t.structured() {
		return t.parseJSON(text)
	}
	value, err := t.parse(text)
	if err != nil {
		return nil, fmt.Errorf("got %s, want %s", quote(text), t.wanted())
	}
	return value, nil
}

func (t ParameterType) parseJSON(text string) (any, error) {
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return nil, fmt.Errorf("got text that is no JSON (%w), want %s", err, t.wanted())
	}
	if !t.accepts(value) {
		return nil, fmt.Errorf("got %s, want %s", kindOf(value), t.wanted())
	}
	return value, nil
}

func (t ParameterType) parse(text string) (any, error) {
	switch t {
	case NumberInteger:
		n, err := strconv.ParseInt(text, 10, 64)
		if n < -maxInteger || n > maxInteger {
			return nil, strconv.ErrRange
		}
		return float64(n), err
	case NumberDouble:
		return parseDouble(text)
	case Boolean:
		return parseBoolean(text)
	default:
		return text, nil
	}
}

// parseDouble takes what JSON calls a number, and no hexadecimal or infinity.
func parseDouble(text string) (any, error) {
	n, err := strconv.ParseFloat(text, 64)
	if strings.ContainsAny(text, "xXpP_") || math.IsInf(n, 0) || math.IsNaN(n) {
		return nil, strconv.ErrSyntax
	}
	return n, err
}

// parseBoolean takes Python's spelling too.
func parseBoolean(text string) (any, error) {
	switch strings.ToLower(text) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	default:
		return nil, strconv.ErrSyntax
	}
}

// wanted describes the type to somebody who types a value.
func (t ParameterType) wanted() string {
	switch t {
	case NumberInteger:
		return string(t) + " from -(2^53-1) to 2^53-1"
	case Boolean:
		return string(t) + ", true or false"
	case List:
		return string(t) + " as a JSON array"
	case Struct, FinalStatus, TaskConfig:
		return string(t) + " as a JSON object"
	default:
		return string(t)
	}
}
