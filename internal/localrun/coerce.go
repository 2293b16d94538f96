package localrun

import (
	"encoding/json"

	"github.com/authcall/authcall/internal/pipelinespec"
)

// coerce gives a value the declared type. Loop items and parts of structs may be
// of another: they become text for a STRING, and text is read for the others.
func coerce(value any, want pipelinespec.ParameterType) (any, error) {
	if want.Check(value) == nil {
		return value, nil
	}
	if want == pipelinespec.String && value != nil {
		return asText(value), nil
	}
	if text, ok := value.(string); ok {
		return want.Parse(text)
	}
	return value, want.Check(value)
}

// asText writes a value as a placeholder shows it: text as it is, anything else
// as JSON.
func asText(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	data, err := json.Marshal(value)
	if err != nil {
		return "" // JSON values always marshal
	}
	return string(data)
}
