package gate

import (
	"context"
	"net/http"
	"strings"
)

// VerifyHeader verifies the token that the headers of a request hold; see
// Policy.Headers. Its errors are *Error.
func (g *Gate) VerifyHeader(ctx context.Context, h http.Header) (*Claims, error) {
	token, err := g.token(h)
	if err != nil {
		return nil, err
	}
	return g.Verify(ctx, token)
}

func (g *Gate) token(h http.Header) (string, error) {
	for _, name := range g.policy.Headers {
		if len(h.Values(name)) == 0 {
			continue
		}
		if strings.HasSuffix(http.CanonicalHeaderKey(name), authorization) {
			return Bearer(h, name)
		}
		return bare(h, name)
	}
	return "", &Error{Reason: Missing}
}

// Bearer returns the token of a request header such as Authorization. The error
// is an *Error: Missing where there is no bearer token, Malformed where there
// is more than one.
func Bearer(h http.Header, name string) (string, error) {
	value, err := bare(h, name)
	if err != nil {
		return "", err
	}
	scheme, token, _ := strings.Cut(value, " ")
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

// bare returns the value of a header that may be there once.
func bare(h http.Header, name string) (string, error) {
	values := h.Values(name)
	if len(values) == 0 {
		return "", &Error{Reason: Missing}
	}
	if len(values) > 1 {
		return "", refuse(Malformed, "%d %s headers, want one", len(values), name)
	}
	return strings.TrimSpace(values[0]), nil
}
