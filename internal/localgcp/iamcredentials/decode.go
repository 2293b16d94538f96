package iamcredentials

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/authcall/authcall/internal/localgcp/apierror"
)

const maxBody = 1 << 20

// decode reads the body strictly, as Google's APIs do; an empty one is an empty
// object.
func decode(r *http.Request, into any) error {
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

// boolean is a JSON boolean that may also be given as text in any case, as
// clients in the wild do ("includeEmail": "TRUE").
type boolean bool

// UnmarshalJSON accepts true, "true" and "TRUE".
func (b *boolean) UnmarshalJSON(data []byte) error {
	word := strings.ToLower(strings.Trim(string(data), `"`))
	if word == "null" {
		return nil
	}
	v, err := strconv.ParseBool(word)
	if err != nil || len(word) < len("true") {
		return fmt.Errorf("got %.20s, want a boolean", data)
	}
	*b = boolean(v)
	return nil
}
