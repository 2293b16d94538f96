package tokeninfo

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/authcall/authcall/gate"
)

// accountKeysURL is where Google publishes the keys of a service account.
const accountKeysURL = "https://www.googleapis.com/service_accounts/v1/jwk/"

// verify tells why a token is refused; an empty reason means that it is valid.
// The error is one of the options.
func verify(ctx context.Context, token string, k Kind, c claims, o Options) (reason gate.Reason, detail string, err error) {
	if k == Foreign && o.KeysURL == "" {
		return gate.Issuer, "its issuer is not Google, and whose keys to trust was not said", nil
	}
	if len(o.Audiences) == 0 && !usual(k, c.Audience) {
		return gate.Audience, "its aud claim is missing, or none that such a token has", nil
	}
	g, err := gate.New(ctx, policy(k, c, o))
	if err != nil {
		return "", "", err
	}
	_, err = g.Verify(ctx, token)
	refusal, refused := errors.AsType[*gate.Error](err)
	if !refused {
		return "", "", nil
	}
	if cause := refusal.Unwrap(); cause != nil {
		detail = cause.Error()
	}
	return refusal.Reason, detail, nil
}

// usual says whether a token of a kind may have these audiences at all.
func usual(k Kind, audiences []string) bool {
	for _, a := range audiences {
		if a == "" || k == IAPAssertion && !strings.HasPrefix(a, "/projects/") {
			return false
		}
	}
	return len(audiences) > 0
}

// policy is the one that a token is held to.
func policy(k Kind, c claims, o Options) gate.Policy {
	var p gate.Policy
	switch k {
	case IAPAssertion:
		p = gate.IAPPolicy()
	case SelfSigned:
		p = gate.Policy{Issuers: []string{c.Issuer}, KeysURL: accountKeysURL + url.PathEscape(c.Issuer)}
	case Foreign:
		p = gate.Policy{Issuers: []string{c.Issuer}, Algorithms: []string{"RS256", "ES256"}}
	}
	p.Now = o.Now
	p.Audiences = o.Audiences
	if len(p.Audiences) == 0 {
		p.Audiences = c.Audience
	}
	if o.KeysURL != "" {
		p.KeysURL = o.KeysURL
	}
	return p
}
