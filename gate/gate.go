package gate

import (
	"context"
)

// Gate verifies tokens under one Policy. All its methods may be called by any
// number of goroutines at once.
type Gate struct {
	policy Policy
	keys   verifier
}

// New checks the policy. It fetches nothing: the keys are fetched when the first
// token arrives, with the values of ctx but without its cancellation.
func New(ctx context.Context, p Policy) (*Gate, error) {
	p = p.withDefaults()
	if err := p.validate(); err != nil {
		return nil, err
	}
	g := &Gate{policy: p}
	if p.Keys != nil {
		g.keys = givenKeys{p.Keys}
	} else {
		g.keys = newRemoteKeys(ctx, p)
	}
	return g, nil
}

// Verify returns what a good token says. Its errors are *Error.
func (g *Gate) Verify(ctx context.Context, token string) (*Claims, error) {
	parsed, err := g.parse(token)
	if err != nil {
		return nil, err
	}
	payload, err := g.keys.verify(ctx, token, parsed)
	if err != nil {
		return nil, err
	}
	claims, err := parseClaims(payload)
	if err != nil {
		return nil, &Error{Malformed, err}
	}
	if err := g.policy.check(claims); err != nil {
		return nil, err
	}
	return claims.export(payload), nil
}

// parse refuses what is not even the form of a token.
func (g *Gate) parse(token string) (*jws, error) {
	if token == "" {
		return nil, &Error{Reason: Missing}
	}
	if len(token) > maxTokenBytes {
		return nil, refuse(TooLarge, "got %d bytes, want at most %d", len(token), maxTokenBytes)
	}
	return parseJWS(token, g.policy.Algorithms)
}
