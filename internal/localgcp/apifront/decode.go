package apifront

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/authcall/authcall/internal/localgcp/apierror"
)

const maxBody = 1 << 20

// Decode reads a call's body strictly, as Google's APIs do; an empty one is an empty
// object.
func Decode(r *http.Request, into any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	switch {
	case err == nil && !decoder.More(), errors.Is(err, io.EOF):
		return nil
	case err == nil:
		return invalidJSON("", "Expected one JSON object.")
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return invalidJSON(strings.Trim(field, `"`), fmt.Sprintf("Unknown name %s: Cannot find field.", field))
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return invalidJSON(wrong.Field, fmt.Sprintf("Invalid value at '%s' (%s), got %s.", wrong.Field, wrong.Type, wrong.Value))
	}
	return invalidJSON("", "Parser error.")
}

func invalidJSON(field, description string) error {
	e := apierror.InvalidArgument("Invalid JSON payload received. %s", description)
	e.Details = []any{map[string]any{
		"@type":           "type.googleapis.com/google.rpc.BadRequest",
		"fieldViolations": []any{map[string]string{"field": field, "description": e.Message}},
	}}
	return e
}
