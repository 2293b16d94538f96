package auth

import (
	"errors"

	"golang.org/x/oauth2"
)

// tokenRefusal is the error answer of a token endpoint. The library reads it for
// some grants only. It is not wrapped: its text is the whole answer, which may
// hold a token.
func tokenRefusal(op string, e *oauth2.RetrieveError) *Error {
	refused := &Error{Op: op, Status: e.Response.StatusCode, Reason: e.ErrorCode, Message: oneLine(e.ErrorDescription),
		Err: errors.New("the token endpoint refused")}
	if refused.Reason == "" {
		refused.readBody(e.Body)
	}
	return refused
}
