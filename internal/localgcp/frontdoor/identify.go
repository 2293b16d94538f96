package frontdoor

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

var errNoEmail = errors.New("the token has no email claim")

// emailScope lets an access token tell its holder's email.
const emailScope = "https://www.googleapis.com/auth/userinfo.email"

// maxSelfSignedLife is the longest life of a JWT that a service account signs.
const maxSelfSignedLife = time.Hour

// identify finds the holder of an access token, of an ID token or of a JWT that a service account
// signed for itself. Which of the latter two it is shows in the issuer, which the
// gate of that kind then verifies.
func (d *iapDoor) identify(r *http.Request, token string) (iam.Principal, error) {
	if d.AccessTokens != nil {
		if holder, err := d.AccessTokens.Authenticate(token); err == nil && holder.HasScope("openid") && holder.HasScope(emailScope) {
			return holder, nil
		}
	}
	if account, ok := d.Directory.Lookup(claimedIssuer(token)); ok && account.Kind == iam.ServiceAccount {
		return account, d.verifySelfSigned(r, account, token)
	}
	claims, err := d.idTokens.Verify(r.Context(), token)
	if err != nil {
		return iam.Principal{}, err
	}
	if claims.Email == "" {
		return iam.Principal{}, errNoEmail
	}
	caller, ok := d.Directory.Lookup(claims.Email)
	if !ok { // good, but of nobody who could have been given a role
		caller = iam.Principal{Email: claims.Email, ID: claims.Subject}
	}
	return caller, nil
}

func claimedIssuer(token string) string {
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return ""
	}
	var claims jwt.Claims
	if err := parsed.UnsafeClaimsWithoutVerification(&claims); err != nil {
		return ""
	}
	return claims.Issuer
}

func (d *iapDoor) verifySelfSigned(r *http.Request, account iam.Principal, token string) error {
	g, err := gate.New(context.WithoutCancel(r.Context()), gate.Policy{
		Issuers:   []string{account.Email},
		Audiences: d.audiencesFor(r.URL.Path),
		Keys:      d.AccountKeys(account.Email),
		Now:       d.Now,
	})
	if err != nil {
		return err
	}
	claims, err := g.Verify(r.Context(), token)
	switch {
	case err != nil:
		return err
	case claims.Subject != account.Email:
		return &gate.Error{Reason: gate.Issuer}
	case claims.Expires.Sub(claims.IssuedAt) > maxSelfSignedLife:
		return &gate.Error{Reason: gate.Expired}
	}
	return nil
}

// audiencesFor lists the audiences that open a path: its own URL, and every
// pattern ending in /* that covers it.
func (d *iapDoor) audiencesFor(path string) []string {
	audiences := []string{d.URL + path}
	for i, c := range path {
		if c == '/' {
			audiences = append(audiences, d.URL+path[:i]+"/*")
		}
	}
	if trimmed, ok := strings.CutSuffix(path, "/"); ok {
		audiences = append(audiences, d.URL+trimmed)
	}
	return audiences
}
