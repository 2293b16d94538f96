package oauthserver

import (
	"context"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/issuer"
)

const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"

// maxAssertionLife is the longest that an assertion may be good.
const maxAssertionLife = time.Hour

const unreasonableTime = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. " +
	"Check your iat and exp values in the JWT claim."

// assertion gives the account that signed it an access token of the scopes that
// it asks for, or an ID token for the audience that it asks for.
func (s *Server) assertion(ctx context.Context, token string) (any, error) {
	email, err := claimedIssuer(token)
	if err != nil {
		return nil, err
	}
	account, ok := s.Directory.Lookup(email)
	if !ok || account.Kind != iam.ServiceAccount {
		return nil, &refusal{"invalid_grant", "Invalid grant: account not found"}
	}
	asked, err := s.verify(ctx, account, token)
	switch {
	case err != nil:
		return nil, err
	case asked.TargetAudience != "":
		id, err := s.IDTokens.IDToken(issuer.IDToken{Subject: account.ID, Audience: asked.TargetAudience, Email: account.Email})
		return map[string]string{"id_token": id}, err
	case asked.Scope != "":
		return s.accessToken(account, strings.Fields(asked.Scope))
	}
	return nil, &refusal{"invalid_scope", "Invalid OAuth scope or ID token audience provided."}
}

// asked is what an assertion asks for.
type asked struct {
	Scope          string `json:"scope"`
	TargetAudience string `json:"target_audience"`
}

// verify checks the signature and the time. Google wants no sub claim, which the
// gate does.
func (s *Server) verify(ctx context.Context, account iam.Principal, token string) (asked, error) {
	payload, err := s.AccountKeys(account.Email).VerifySignature(ctx, token)
	if err != nil {
		return asked{}, &refusal{"invalid_grant", "Invalid JWT Signature."}
	}
	claims, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return asked{}, &refusal{"invalid_request", "Bad Request"}
	}
	var what struct {
		jwt.Claims
		asked
	}
	if err := claims.UnsafeClaimsWithoutVerification(&what); err != nil || len(payload) == 0 {
		return asked{}, &refusal{"invalid_request", "Bad Request"}
	}
	if !what.Audience.Contains(s.TokenURL) {
		return asked{}, &refusal{"invalid_grant", "Invalid JWT: Failed audience check. The right audience is " + s.TokenURL}
	}
	return what.asked, s.checkTime(what.Claims)
}

func (s *Server) checkTime(c jwt.Claims) error {
	const leeway = 5 * time.Minute
	now := s.now()
	if c.IssuedAt == nil || c.Expiry == nil || c.IssuedAt.Time().After(now.Add(leeway)) ||
		!c.Expiry.Time().After(now) || c.Expiry.Time().Sub(c.IssuedAt.Time()) > maxAssertionLife {
		return &refusal{"invalid_grant", unreasonableTime}
	}
	return nil
}

func claimedIssuer(token string) (string, error) {
	bad := &refusal{"invalid_request", "Bad Request"}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return "", bad
	}
	var claims jwt.Claims
	if err := parsed.UnsafeClaimsWithoutVerification(&claims); err != nil || claims.Issuer == "" {
		return "", bad
	}
	return claims.Issuer, nil
}
