package pipelinespec

import (
	"fmt"
	"math"
	"slices"
)

// ParameterType is the type of a parameter.
type ParameterType string

// The types of parameters.
const (
	String        ParameterType = "STRING"
	NumberInteger ParameterType = "NUMBER_INTEGER"
	NumberDouble  ParameterType = "NUMBER_DOUBLE"
	Boolean       ParameterType = "BOOLEAN"
	List          ParameterType = "LIST"
	Struct        ParameterType = "STRUCT"
	// FinalStatus is how another task ended; the runtime supplies it.
	FinalStatus ParameterType = "TASK_FINAL_STATUS"
	// TaskConfig is supplied by Kubernetes runtimes alone.
	TaskConfig ParameterType = "TASK_CONFIG"
)

// maxInteger is the greatest NUMBER_INTEGER: 2^53-1, for values travel as
// JSON numbers, which are doubles.
const maxInteger = 1<<53 - 1

func (t ParameterType) known() bool {
	return slices.Contains([]ParameterType{String, NumberInteger, NumberDouble, Boolean, List, Struct, FinalStatus, TaskConfig}, t)
}

// Check says whether a JSON value is of the type. Go's own integers pass as
// numbers.
func (t ParameterType) Check(value any) error {
	switch {
	case t.accepts(value):
		return nil
	case t.structured():
		// Headers and bodies come as these, and may hold what no message shows.
		return fmt.Errorf("got %s, want %s", kindOf(value), t)
	default:
		return fmt.Errorf("got %s, want %s", describe(value), t)
	}
}

// structured says whether values of the type are written as JSON objects or
// arrays.
func (t ParameterType) structured() bool {
	return !slices.Contains([]ParameterType{String, NumberInteger, NumberDouble, Boolean}, t)
}

func (t ParameterType) accepts(value any) bool {
	switch t {
	case String:
		_, ok := value.(string)
		return ok
	case NumberInteger:
		n, ok := asNumber(value)
		return ok && n == math.Trunc(n) && math.Abs(n) <= maxInteger
	case NumberDouble:
		n, ok := asNumber(value)
		return ok && !math.IsNaN(n) && !math.IsInf(n, 0)
	case Boolean:
		_, ok := value.(bool)
		return ok
	case List:
		_, ok := value.([]any)
		return ok
	default:
		_, ok := value.(map[string]any)
		return ok
	}
}

func asNumber(value any) (float64, bool) {
	switch n := value.(type) {
	case float64:
		return n, true
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	default:
		return 0, false
	}
}

// describe says what a value is, and shows it where it is short.
func describe(value any) string {
	switch v := value.(type) {
	case string:
		return "the string " + quote(v)
	case bool, float64, int, int64:
		return fmt.Sprintf("%s, %v", kindOf(v), v)
	default:
		return kindOf(value)
	}
}

// quote shows the start of a text that a user gave.
func quote(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return fmt.Sprintf("%q…", string(runes[:most]))
	}
	return fmt.Sprintf("%q", text)
}
