package tokeninfo

import (
	"slices"
	"strings"

	"github.com/authcall/authcall/gate"
)

// Kind is what a token is, by its issuer.
type Kind string

// The kinds of tokens that Google and its customers' accounts make.
const (
	// IDToken is what Google issues for an account.
	IDToken Kind = "Google ID token"
	// IAPAssertion is what Identity-Aware Proxy tells the application behind it.
	IAPAssertion Kind = "assertion of IAP"
	// SelfSigned is a JWT that a service account has signed for itself.
	SelfSigned Kind = "JWT signed by a service account"
	// Foreign is a JWT of an issuer that is not Google.
	Foreign Kind = "JWT of another issuer"
	// AccessToken is an OAuth access token of Google.
	AccessToken Kind = "OAuth access token"
	// Unknown is no token that we know.
	Unknown Kind = "not a token of Google"
)

func kindOf(c claims) Kind {
	switch {
	case slices.Contains(gate.GoogleIssuers(), c.Issuer):
		return IDToken
	case c.Issuer == gate.IAPIssuer:
		return IAPAssertion
	case isServiceAccount(c.Issuer) && c.Issuer == c.Subject:
		return SelfSigned
	default:
		return Foreign
	}
}

func isServiceAccount(email string) bool {
	return strings.Contains(email, "@") && strings.HasSuffix(email, ".gserviceaccount.com")
}

// opaque is the kind of what is no JWT.
func opaque(token string) Kind {
	if strings.HasPrefix(token, "ya29.") {
		return AccessToken
	}
	return Unknown
}
