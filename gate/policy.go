package gate

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// GoogleKeysURL is where Google publishes the keys that sign its ID tokens.
const GoogleKeysURL = "https://www.googleapis.com/oauth2/v3/certs"

// What Identity-Aware Proxy puts on the requests that it lets through: an
// assertion of its own, signed with ES256, in a header of its own.
// https://cloud.google.com/iap/docs/signed-headers-howto
const (
	IAPIssuer  = "https://cloud.google.com/iap"
	IAPKeysURL = "https://www.gstatic.com/iap/verify/public_key-jwk"
	IAPHeader  = "X-Goog-IAP-JWT-Assertion"
)

const authorization = "Authorization"

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

// Policy says which tokens a Gate lets through. The zero value lets none through.
type Policy struct {
	// Audiences are the values of which a token's aud claim must hold one, and
	// nothing beside them. At least one is needed.
	Audiences []string
	// Emails, Subjects and Domains are the callers that are let in; it is enough
	// to be on one of the lists. All empty means every caller whose token is
	// valid. Emails are compared letter by letter.
	Emails []string
	// Subjects are sub claims: they stay with an account for ever, where an
	// email may be given to a new account when the old one is gone. Those of
	// IAP's assertions begin with accounts.google.com:.
	Subjects []string
	// Domains are the Workspace domains of people (the hd claim), and the part
	// behind the @ of a service account's email. The email of any other Google
	// account has no say, for it may be of a domain that its holder has left.
	Domains []string
	// Public are the paths that everybody may ask for, such as /healthz, exactly
	// as they are written; for gRPC full method names, such as
	// /grpc.health.v1.Health/Check. No token is looked at there.
	Public []string
	// Headers are those that may hold the token, of which the first that is
	// there decides alone. Where the name ends in Authorization the header is
	// "Bearer TOKEN", else the bare token. Empty means X-Serverless-Authorization
	// and then Authorization, as on Cloud Run.
	Headers []string
	// Issuers are the accepted iss claims; empty means GoogleIssuers.
	Issuers []string
	// Algorithms are the accepted signature algorithms, of which only RS256 and
	// ES256 may be named; empty means RS256 alone.
	Algorithms []string
	// KeysURL is where the issuer's keys are fetched as a JSON Web Key Set;
	// empty means GoogleKeysURL. Plain http is for loopback addresses only. The
	// keys are fetched again when the issuer says so, but no more than once a
	// minute; while that fails the last good ones are used, for at most a day.
	// Keys overrides it.
	KeysURL string
	// Keys verifies signatures without any fetching; nil means the keys at
	// KeysURL.
	Keys KeySet
	// Leeway is how far the clocks may be apart, at most five minutes; zero means
	// ten seconds, for a token is often used in the very second of its issue.
	Leeway time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// HTTPClient fetches the keys; nil means one with Go's defaults. A fetch
	// takes ten seconds at most and follows no redirect.
	HTTPClient *http.Client
}

// IAPPolicy is the policy of an application behind Identity-Aware Proxy. The
// audiences are the names by which IAP knows the application, such as
// /projects/NUMBER/global/backendServices/ID, /projects/NUMBER/apps/PROJECT or
// /projects/NUMBER/locations/REGION/services/SERVICE.
func IAPPolicy(audiences ...string) Policy {
	return Policy{
		Audiences:  audiences,
		Issuers:    []string{IAPIssuer},
		Algorithms: []string{string(jose.ES256)},
		KeysURL:    IAPKeysURL,
		Headers:    []string{IAPHeader},
	}
}

// withDefaults returns a copy that shares no slice with p and has no empty field.
func (p Policy) withDefaults() Policy {
	p.Audiences = slices.Clone(p.Audiences)
	p.Emails = slices.Clone(p.Emails)
	p.Subjects = slices.Clone(p.Subjects)
	p.Domains = slices.Clone(p.Domains)
	for i, d := range p.Domains {
		p.Domains[i] = strings.ToLower(d)
	}
	p.Public = slices.Clone(p.Public)
	p.Headers = orDefault(p.Headers, "X-Serverless-Authorization", authorization)
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
		p.HTTPClient = &http.Client{}
	}
	return p
}

func orDefault(given []string, fallback ...string) []string {
	if len(given) == 0 {
		return fallback
	}
	return slices.Clone(given)
}
