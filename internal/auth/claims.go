package auth

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Claims are what a token says of itself.
type Claims struct {
	// Issuer, Subject and Email are the claims iss, sub and email.
	Issuer, Subject, Email string
	// Audience is the claim aud, one value or several.
	Audience []string
	// Expiry is the claim exp.
	Expiry time.Time
}

// ReadClaims reads a token that Google has just handed out. The signature is
// not checked: the token came over an authenticated connection, and is only
// described or dated here. Its errors do not quote the token.
func ReadClaims(token Secret) (Claims, error) {
	parsed, err := jwt.ParseSigned(token.Reveal(), []jose.SignatureAlgorithm{jose.RS256, jose.ES256})
	if err != nil {
		return Claims{}, fmt.Errorf("got something that is not a JWT: %w", err)
	}
	var standard jwt.Claims
	var own struct {
		Email string `json:"email"`
	}
	if err := parsed.UnsafeClaimsWithoutVerification(&standard, &own); err != nil {
		return Claims{}, fmt.Errorf("read the claims of a token: %w", err)
	}
	if standard.Expiry == nil {
		return Claims{}, errors.New("got a token without exp claim")
	}
	return Claims{
		Issuer: standard.Issuer, Subject: standard.Subject, Email: own.Email,
		Audience: standard.Audience, Expiry: standard.Expiry.Time(),
	}, nil
}

// expiry is when a token ends, by its own claim.
func expiry(token string) (time.Time, error) {
	claims, err := ReadClaims(Secret(token))
	return claims.Expiry, err
}
