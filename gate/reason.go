package gate

import (
	"fmt"
	"net/http"
)

// Reason is why a token was refused.
type Reason string

// The reasons, in the order in which they are looked for.
const (
	// Missing means that the request carries no bearer token.
	Missing Reason = "missing"
	// TooLarge means that the token is longer than 16 KiB.
	TooLarge Reason = "too large"
	// Malformed means that the token is not one signed JWT with the claims that
	// every ID token has; an access token is malformed too.
	Malformed Reason = "malformed"
	// Algorithm means that the token is signed, or not signed, in a way that
	// the policy does not accept.
	Algorithm Reason = "algorithm"
	// KeysUnavailable means that the issuer's keys could not be fetched, so
	// that nothing is known about the token.
	KeysUnavailable Reason = "keys unavailable"
	// Signature means that no key of the issuer made the signature.
	Signature Reason = "signature"
	// Issuer means that somebody else issued the token.
	Issuer Reason = "issuer"
	// Audience means that the token is meant for another service, or for others
	// as well.
	Audience Reason = "audience"
	// Expired means that the token's time is over.
	Expired Reason = "expired"
	// NotYetValid means that the token's time has not come.
	NotYetValid Reason = "not yet valid"
	// EmailNotVerified means that the issuer does not vouch for the email.
	EmailNotVerified Reason = "email not verified"
	// CallerNotAllowed means that the token is good, but its holder is on none
	// of the policy's lists.
	CallerNotAllowed Reason = "caller not allowed"
)

// Status is the HTTP status that answers a request refused for this reason.
func (r Reason) Status() int {
	switch r {
	case CallerNotAllowed:
		return http.StatusForbidden
	case KeysUnavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusUnauthorized
	}
}

// Challenge is the WWW-Authenticate header for this reason, as RFC 6750 section
// 3 has it. It tells the reason only, never what the policy would have accepted.
func (r Reason) Challenge() string {
	switch r {
	case Missing, KeysUnavailable:
		return "Bearer"
	case CallerNotAllowed:
		return fmt.Sprintf("Bearer error=%q, error_description=%q", "insufficient_scope", "token refused: "+string(r))
	default:
		return fmt.Sprintf("Bearer error=%q, error_description=%q", "invalid_token", "token refused: "+string(r))
	}
}

// Error is a refusal. Its text names what was got and wanted, but never holds
// the token or a part of its signature.
type Error struct {
	// Reason is what to decide on.
	Reason Reason
	err    error
}

func (e *Error) Error() string {
	if e.err == nil {
		return "token refused: " + string(e.Reason)
	}
	return fmt.Sprintf("token refused: %s: %v", e.Reason, e.err)
}

// Unwrap gives the cause, where there is one.
func (e *Error) Unwrap() error { return e.err }

func refuse(r Reason, format string, args ...any) *Error {
	return &Error{Reason: r, err: fmt.Errorf(format, args...)}
}
