package auth

import (
	"encoding/json"
	"errors"

	"golang.org/x/oauth2"
)

// tokenRefusal is the error answer of a token endpoint. The library reads the two
// fields for some grants only. It is not wrapped: its text is the whole answer,
// which may hold a token.
func tokenRefusal(op string, e *oauth2.RetrieveError) *Error {
	said := struct {
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}{e.ErrorCode, e.ErrorDescription}
	if said.Code == "" {
		_ = json.Unmarshal(e.Body, &said) // an answer that is no JSON says nothing
	}
	return &Error{Op: op, Status: e.Response.StatusCode, Reason: said.Code, Message: oneLine(said.Description),
		Err: errors.New("the token endpoint refused")}
}
