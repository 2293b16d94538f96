package gate

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/json"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Claims is what a verified token says about its holder.
type Claims struct {
	// Issuer is the iss claim as it was spelt.
	Issuer string
	// Subject is the holder's stable id: for a service account its numeric
	// unique id.
	Subject string
	// AuthorizedParty is the azp claim: for a service account's own token the
	// same as Subject.
	AuthorizedParty string
	// Audience is the aud claim.
	Audience []string
	// Email is the holder's email, empty where the token has none. It is
	// verified.
	Email string
	// HostedDomain is the hd claim: the Workspace domain that the holder's account
	// belongs to, empty where it belongs to none.
	HostedDomain string
	// IssuedAt and Expires are the token's time, to the second.
	IssuedAt, Expires time.Time

	payload []byte
}

// Decode reads further claims of the token into v, as encoding/json would.
func (c *Claims) Decode(v any) error { return json.Unmarshal(c.payload, v) }

// wireClaims are the claims as they stand in a token.
type wireClaims struct {
	jwt.Claims
	AuthorizedParty string `json:"azp"`
	Email           string `json:"email"`
	EmailVerified   *bool  `json:"email_verified"`
	HostedDomain    string `json:"hd"`
}

// vouched says whether the issuer stands by the email. IAP puts in only emails
// that it has verified itself, and does not say so.
func (w wireClaims) vouched() bool {
	if w.EmailVerified == nil {
		return w.Issuer == IAPIssuer
	}
	return *w.EmailVerified
}

// domain is the one that the issuer says the holder belongs to.
func (w wireClaims) domain() string {
	if w.HostedDomain != "" {
		return strings.ToLower(w.HostedDomain)
	}
	_, domain, _ := strings.Cut(w.Email, "@")
	domain = strings.ToLower(domain)
	google := w.Issuer == IAPIssuer || slices.Contains(GoogleIssuers(), w.Issuer)
	if google && !strings.HasSuffix(domain, ".gserviceaccount.com") {
		return ""
	}
	return domain
}

func parseClaims(payload []byte) (wireClaims, error) {
	var w wireClaims
	if err := json.Unmarshal(payload, &w); err != nil {
		return w, errors.New("claims are not a JSON object of the usual types")
	}
	switch {
	case w.Expiry == nil:
		return w, errors.New("no exp claim")
	case w.IssuedAt == nil:
		return w, errors.New("no iat claim")
	case w.Subject == "":
		return w, errors.New("no sub claim")
	}
	return w, nil
}

func (w wireClaims) export(payload []byte) *Claims {
	return &Claims{
		Issuer:          w.Issuer,
		Subject:         w.Subject,
		AuthorizedParty: w.AuthorizedParty,
		Audience:        slices.Clone(w.Audience),
		Email:           w.Email,
		HostedDomain:    w.HostedDomain,
		IssuedAt:        w.IssuedAt.Time(),
		Expires:         w.Expiry.Time(),
		payload:         payload,
	}
}
