package gate

import (
	"net/http"
	"strings"
)

// Bearer returns the token of a request header such as Authorization. The error
// is an *Error: Missing where there is no bearer token, Malformed where there
// is more than one.
func Bearer(h http.Header, name string) (string, error) {
	values := h.Values(name)
	if len(values) == 0 {
		return "", &Error{Reason: Missing}
	}
	if len(values) > 1 {
		return "", refuse(Malformed, "%d %s headers, want one", len(values), name)
	}
	scheme, token, _ := strings.Cut(strings.TrimSpace(values[0]), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", refuse(Missing, "the %s header has another scheme than Bearer", name)
	}
	token = strings.TrimSpace(token)
	if token == "" {
		return "", refuse(Missing, "the %s header has no token", name)
	}
	if strings.ContainsAny(token, " \t,") {
		return "", refuse(Malformed, "more than one token in the %s header", name)
	}
	return token, nil
}
