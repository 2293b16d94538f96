package pipelinespec

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// jsonValue turns what the YAML decoder gives into what encoding/json would
// have given: nil, bool, float64, string, []any or map[string]any.
func jsonValue(at place, v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, string:
		return v, nil
	case int:
		return float64(v), nil
	case int64:
		return float64(v), nil
	case uint64:
		return float64(v), nil
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return nil, fmt.Errorf("%s: %v is no JSON number", at, v)
		}
		return v, nil
	case time.Time:
		return nil, fmt.Errorf("%s: got a date, which JSON does not have: put it in quotes", at)
	case []any:
		return jsonArray(at, v)
	case map[string]any:
		return jsonObject(at, v)
	case map[any]any:
		return nil, fmt.Errorf("%s: got a key that is no text: put it in quotes", at)
	default:
		return nil, fmt.Errorf("%s: got %T, which JSON does not have", at, v)
	}
}

func jsonArray(at place, array []any) (any, error) {
	out := make([]any, len(array))
	var errs []error
	for i, v := range array {
		value, err := jsonValue(at.index(i), v)
		out[i], errs = value, append(errs, err)
	}
	return out, errors.Join(errs...)
}

func jsonObject(at place, object map[string]any) (any, error) {
	out := make(map[string]any, len(object))
	var errs []error
	for key, v := range sorted(object) {
		value, err := jsonValue(at.child(key), v)
		out[key], errs = value, append(errs, err)
	}
	return out, errors.Join(errs...)
}

// kindOf names the JSON type of a value, with an article, for messages.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "a string"
	case []any:
		return "an array"
	case map[string]any:
		return "an object"
	case int, int32, int64, float32, float64:
		return "a number"
	default:
		return fmt.Sprintf("%T", v)
	}
}
