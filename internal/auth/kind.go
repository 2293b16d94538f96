package auth

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Kind is the kind of credential that a call carries.
type Kind string

// The kinds of credential.
const (
	// Auto is an access token for Google's own APIs and an ID token for all else.
	Auto Kind = "auto"
	// IDToken is a Google-signed ID token.
	IDToken Kind = "id-token"
	// IAPJWT is a JWT signed by the service account itself, which every kind of
	// IAP takes, also where its OAuth client is managed by Google.
	IAPJWT Kind = "iap-jwt"
	// AccessToken is an OAuth 2.0 access token, as Google's own APIs want it.
	AccessToken Kind = "access-token"
	// None means that the call carries no credential.
	None Kind = "none"
)

// Kinds lists the kinds in the order in which help texts name them.
func Kinds() []Kind { return []Kind{Auto, IDToken, IAPJWT, AccessToken, None} }

// For is the kind that a target takes where the user left the choice.
func (k Kind) For(target *url.URL) Kind {
	if k != Auto {
		return k
	}
	if host := target.Hostname(); host == googleUniverse || strings.HasSuffix(host, "."+googleUniverse) {
		return AccessToken
	}
	return IDToken
}

// Decode reads a kind by its name; it satisfies envconfig.Decoder.
func (k *Kind) Decode(text string) error {
	if !slices.Contains(Kinds(), Kind(text)) {
		return fmt.Errorf("unknown auth %q, want one of %q", text, Kinds())
	}
	*k = Kind(text)
	return nil
}
