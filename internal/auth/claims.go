package auth

import (
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// expiry reads the exp claim of a token that Google has just handed out. The
// signature is not checked: the token came over an authenticated connection,
// and only its life is of interest.
func expiry(token string) (time.Time, error) {
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256, jose.ES256})
	if err != nil {
		return time.Time{}, fmt.Errorf("got something that is not a JWT: %w", err)
	}
	var claims jwt.Claims
	if err := parsed.UnsafeClaimsWithoutVerification(&claims); err != nil {
		return time.Time{}, fmt.Errorf("read the claims of a token: %w", err)
	}
	if claims.Expiry == nil {
		return time.Time{}, fmt.Errorf("got a token without exp claim")
	}
	return claims.Expiry.Time(), nil
}
