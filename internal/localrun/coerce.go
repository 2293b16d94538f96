package localrun

import (
	"encoding/json"
	"strings"

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
	return toJSON(value)
}

// toJSON writes a JSON value on one line, with < and > as they are.
func toJSON(value any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "" // JSON values always encode
	}
	return strings.TrimSuffix(b.String(), "\n")
}
