package gate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// GoogleKeysURL is where Google publishes the keys that sign its ID tokens.
const GoogleKeysURL = "https://www.googleapis.com/oauth2/v3/certs"

// What a Policy names to accept the assertions of Identity-Aware Proxy, which
// are signed with ES256.
const (
	IAPIssuer  = "https://cloud.google.com/iap"
	IAPKeysURL = "https://www.gstatic.com/iap/verify/public_key-jwk"
)

const (
	maxTokenBytes = 16 << 10
	defaultLeeway = 10 * time.Second
	maxLeeway     = 5 * time.Minute
	fetchTimeout  = 10 * time.Second
)

// GoogleIssuers are both spellings of the issuer that Google uses.
func GoogleIssuers() []string {
	return []string{"https://accounts.google.com", "accounts.google.com"}
}

// KeySet finds the key that a token names and checks the token's signature with
// it. The key sets of go-oidc satisfy it.
type KeySet interface {
	// VerifySignature returns the payload of a compact JWS whose signature is
	// good. The algorithm has been checked before it is called.
	VerifySignature(ctx context.Context, jwt string) (payload []byte, err error)
}

// Policy says which tokens a Gate lets through. The zero value lets none through.
type Policy struct {
	// Audiences are the values of which a token's aud claim must hold one, and
	// nothing beside them. At least one is needed.
	Audiences []string
	// Emails are the callers that are let in; empty means every caller whose
	// token is valid.
	Emails []string
	// Issuers are the accepted iss claims; empty means GoogleIssuers.
	Issuers []string
	// Algorithms are the accepted signature algorithms, of which only RS256 and
	// ES256 may be named; empty means RS256 alone.
	Algorithms []string
	// KeysURL is where the issuer's keys are fetched as a JSON Web Key Set;
	// empty means GoogleKeysURL. Keys overrides it.
	KeysURL string
	// Keys verifies signatures without any fetching; nil means the keys at
	// KeysURL.
	Keys KeySet
	// Leeway is how far the clocks may be apart, at most five minutes; zero means
	// ten seconds, for a token is often used in the very second of its issue.
	Leeway time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// HTTPClient fetches the keys; nil means a client that gives up after ten
	// seconds.
	HTTPClient *http.Client
}

// withDefaults returns a copy that shares no slice with p and has no empty field.
func (p Policy) withDefaults() Policy {
	p.Audiences = slices.Clone(p.Audiences)
	p.Emails = slices.Clone(p.Emails)
	p.Issuers = orDefault(p.Issuers, GoogleIssuers()...)
	p.Algorithms = orDefault(p.Algorithms, string(jose.RS256))
	if p.KeysURL == "" {
		p.KeysURL = GoogleKeysURL
	}
	if p.Leeway == 0 {
		p.Leeway = defaultLeeway
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.HTTPClient == nil {
		p.HTTPClient = &http.Client{Timeout: fetchTimeout}
	}
	return p
}

func orDefault(given []string, fallback ...string) []string {
	if len(given) == 0 {
		return fallback
	}
	return slices.Clone(given)
}

// validate tells every fault of the policy at once.
func (p Policy) validate() error {
	var faults []error
	if len(p.Audiences) == 0 {
		faults = append(faults, errors.New("no audience: a token meant for any other service would be let in"))
	}
	if slices.Contains(p.Audiences, "") {
		faults = append(faults, errors.New("an audience is empty"))
	}
	for _, a := range p.Algorithms {
		if a != string(jose.RS256) && a != string(jose.ES256) {
			faults = append(faults, fmt.Errorf("algorithm %q, want RS256 or ES256", a))
		}
	}
	if p.Leeway < 0 || p.Leeway > maxLeeway {
		faults = append(faults, fmt.Errorf("leeway %s, want 0 to %s", p.Leeway, maxLeeway))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("gate policy: %w", err)
	}
	return nil
}
