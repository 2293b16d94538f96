package issuer

import (
	"errors"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/authcall/authcall/gate"
)

// Google is the issuer of its ID tokens.
const Google = "https://accounts.google.com"

// Lives of the tokens, which nobody can choose.
const (
	IDTokenLife      = time.Hour
	IAPAssertionLife = 10 * time.Minute
)

// Issuer holds the signing keys. It is safe for concurrent use.
type Issuer struct {
	dir string
	now func() time.Time
	id  *key
	iap *key

	mu       sync.Mutex
	accounts map[string]*key
}

// Open reads the keys in dir, and makes those that are missing. The clock now is
// time.Now where nil.
func Open(dir string, now func() time.Time) (*Issuer, error) {
	if now == nil {
		now = time.Now
	}
	id, idErr := openKey(filepath.Join(dir, "id-token.pem"), newRSA)
	iap, iapErr := openKey(filepath.Join(dir, "iap.pem"), newP256)
	return &Issuer{dir: dir, now: now, id: id, iap: iap, accounts: map[string]*key{}}, errors.Join(idErr, iapErr)
}

// IDToken says what an ID token shall hold.
type IDToken struct {
	// Subject is the numeric id of the account; it is also the authorized party.
	Subject string
	// Audience is the service that the token is meant for.
	Audience string
	// Email is the account's address; empty leaves it out.
	Email string
	// ComputeEngine describes the instance in tokens of format full; nil leaves
	// it out.
	ComputeEngine any
}

type idTokenClaims struct {
	jwt.Claims
	AuthorizedParty string        `json:"azp"`
	Email           string        `json:"email,omitempty"`
	EmailVerified   bool          `json:"email_verified,omitempty"`
	Google          *googleClaims `json:"google,omitempty"`
}

type googleClaims struct {
	ComputeEngine any `json:"compute_engine"`
}

// IDToken signs an ID token with Google's claims, good for an hour.
func (i *Issuer) IDToken(t IDToken) (string, error) {
	now := i.now()
	claims := idTokenClaims{
		Claims: jwt.Claims{
			Issuer:   Google,
			Subject:  t.Subject,
			Audience: jwt.Audience{t.Audience},
			IssuedAt: jwt.NewNumericDate(now),
			Expiry:   jwt.NewNumericDate(now.Add(IDTokenLife)),
		},
		AuthorizedParty: t.Subject,
		Email:           t.Email,
		EmailVerified:   t.Email != "",
	}
	if t.ComputeEngine != nil {
		claims.Google = &googleClaims{t.ComputeEngine}
	}
	return i.id.sign(claims)
}

// IAPAssertion signs what IAP tells the application behind it, good for ten
// minutes.
func (i *Issuer) IAPAssertion(subject, email, audience string) (string, error) {
	now := i.now()
	return i.iap.sign(map[string]any{
		"iss": gate.IAPIssuer, "aud": audience, "sub": "accounts.google.com:" + subject, "email": email,
		"iat": now.Unix(), "exp": now.Add(IAPAssertionLife).Unix(),
	})
}
