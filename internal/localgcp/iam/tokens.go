package iam

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Errors of Authenticate and Refresh.
var (
	// ErrInvalidToken means that the token is none of ours.
	ErrInvalidToken = errors.New("token is not valid")
	// ErrExpiredToken means that the token's time is over.
	ErrExpiredToken = errors.New("token has expired")
)

// prefix is what a token of each use begins with, as Google's do. What follows
// is opaque: it has no dot, so that nobody takes it for a JWT.
const (
	accessPrefix  = "ya29."
	refreshPrefix = "1//"
)

const (
	accessUse  = "access"
	refreshUse = "refresh"
)

// tokenClaims are what a token carries, so that none has to be kept.
type tokenClaims struct {
	jwt.Claims
	Use   string `json:"use"`
	Scope string `json:"scope,omitempty"`
}

// AccessToken makes an access token of the principal that is good for life, and
// tells when it ends.
func (d *Directory) AccessToken(p Principal, scopes []string, life time.Duration) (string, time.Time, error) {
	expires := d.now().Add(life).Truncate(time.Second)
	token, err := d.seal(accessPrefix, tokenClaims{
		Claims: jwt.Claims{Subject: p.ID, Expiry: jwt.NewNumericDate(expires)},
		Use:    accessUse,
		Scope:  strings.Join(scopes, " "),
	})
	return token, expires, err
}

// RefreshToken makes a token that Refresh takes; it does not expire.
func (d *Directory) RefreshToken(p Principal) (string, error) {
	return d.seal(refreshPrefix, tokenClaims{Claims: jwt.Claims{Subject: p.ID}, Use: refreshUse})
}

// Authenticate finds the principal of an access token, with the token's scopes.
// Its errors wrap ErrInvalidToken or ErrExpiredToken and never hold the token.
func (d *Directory) Authenticate(bearer string) (Principal, error) {
	p, _, err := d.Introspect(bearer)
	return p, err
}

// Introspect is Authenticate with the time at which the token ends.
func (d *Directory) Introspect(bearer string) (Principal, time.Time, error) {
	claims, err := d.open(accessPrefix, accessUse, bearer)
	if err != nil {
		return Principal{}, time.Time{}, err
	}
	p, err := d.principalOf(claims)
	p.Scopes = strings.Fields(claims.Scope)
	return p, claims.Expiry.Time(), err
}

// Refresh finds the principal of a refresh token.
func (d *Directory) Refresh(token string) (Principal, error) {
	claims, err := d.open(refreshPrefix, refreshUse, token)
	if err != nil {
		return Principal{}, err
	}
	return d.principalOf(claims)
}

func (d *Directory) principalOf(c tokenClaims) (Principal, error) {
	p, ok := d.Lookup(c.Subject)
	if !ok {
		return Principal{}, fmt.Errorf("%w: its principal is gone", ErrInvalidToken)
	}
	return p, nil
}

func (d *Directory) seal(prefix string, c tokenClaims) (string, error) {
	token, err := jwt.Signed(d.signer).Claims(c).Serialize()
	if err != nil {
		return "", fmt.Errorf("sign %s token: %w", c.Use, err)
	}
	return prefix + base64.RawURLEncoding.EncodeToString([]byte(token)), nil
}

func (d *Directory) open(prefix, use, token string) (tokenClaims, error) {
	var c tokenClaims
	sealed, ok := strings.CutPrefix(token, prefix)
	if !ok {
		return c, fmt.Errorf("%w: it is no %s token", ErrInvalidToken, use)
	}
	compact, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil {
		return c, ErrInvalidToken
	}
	parsed, err := jwt.ParseSigned(string(compact), []jose.SignatureAlgorithm{jose.HS256})
	if err != nil {
		return c, ErrInvalidToken
	}
	if err := parsed.Claims(d.secret, &c); err != nil || c.Use != use {
		return c, ErrInvalidToken
	}
	if c.Expiry != nil && !d.now().Before(c.Expiry.Time()) {
		return c, ErrExpiredToken
	}
	return c, nil
}
