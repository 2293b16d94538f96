package auth

import (
	"fmt"
	"slices"
)

// Kind is the kind of credential that a call carries.
type Kind string

// The kinds of credential.
const (
	// Auto is an ID token, got in the way that the ambient identity allows.
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

// Decode reads a kind by its name; it satisfies envconfig.Decoder.
func (k *Kind) Decode(text string) error {
	if !slices.Contains(Kinds(), Kind(text)) {
		return fmt.Errorf("unknown auth %q, want one of %q", text, Kinds())
	}
	*k = Kind(text)
	return nil
}
