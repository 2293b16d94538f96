package gate

import (
	"context"
	"errors"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// Gate verifies tokens under one Policy. All its methods may be called by any
// number of goroutines at once.
type Gate struct {
	policy     Policy
	algorithms []jose.SignatureAlgorithm
	keys       verifier
	// memory is nil where the keys are the policy's own: nothing tells when one
	// of those is withdrawn.
	memory *memory
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
		keys := newRemoteKeys(ctx, p)
		g.keys = keys
		var err error
		if g.memory, err = newMemory(keys); err != nil {
			return nil, err
		}
	}
	for _, a := range p.Algorithms {
		g.algorithms = append(g.algorithms, jose.SignatureAlgorithm(a))
	}
	return g, nil
}

// Verify returns what a good token says. Its errors are *Error.
func (g *Gate) Verify(ctx context.Context, token string) (*Claims, error) {
	v, known := g.memory.recall(ctx, token)
	if !known {
		var err error
		if v, err = g.verify(ctx, token); err != nil {
			return nil, err
		}
		g.memory.keep(token, v)
	}
	if err := g.policy.check(v.claims); err != nil {
		return nil, err
	}
	return v.claims.export(v.payload), nil
}

// verify reads a token and checks its signature.
func (g *Gate) verify(ctx context.Context, token string) (verified, error) {
	parsed, err := g.parse(token)
	if err != nil {
		return verified{}, err
	}
	v, err := g.checkSignature(ctx, token, parsed)
	if err != nil {
		return verified{}, err
	}
	if v.claims, err = parseClaims(v.payload); err != nil {
		return verified{}, &Error{Malformed, err}
	}
	return v, nil
}

// parse refuses what needs no key to be refused.
func (g *Gate) parse(token string) (*jose.JSONWebSignature, error) {
	if token == "" {
		return nil, &Error{Reason: Missing}
	}
	if len(token) > maxTokenBytes {
		return nil, refuse(TooLarge, "got %d bytes, want at most %d", len(token), maxTokenBytes)
	}
	parsed, err := jose.ParseSignedCompact(token, g.algorithms)
	if unexpected, ok := errors.AsType[*jose.ErrUnexpectedSignatureAlgorithm](err); ok {
		return nil, refuse(Algorithm, "got %.20q, want one of %q", unexpected.Got, g.algorithms)
	}
	if err != nil {
		return nil, refuse(Malformed, "not a signed JWT in compact form")
	}
	if parsed.Signatures[0].Header.KeyID == "" {
		return nil, refuse(Signature, "the header names no key (kid)")
	}
	return parsed, nil
}

// checkSignature leaves the signature to go-oidc, under this gate's keys. The
// claims are the policy's, which can tell more exactly what is wrong.
func (g *Gate) checkSignature(ctx context.Context, token string, parsed *jose.JSONWebSignature) (verified, error) {
	seen := &witness{keys: g.keys, parsed: parsed}
	verifier := oidc.NewVerifier("", seen, &oidc.Config{
		SupportedSigningAlgs: g.policy.Algorithms,
		SkipClientIDCheck:    true,
		SkipExpiryCheck:      true,
		SkipIssuerCheck:      true,
	})
	_, err := verifier.Verify(ctx, token)
	switch {
	case seen.err != nil:
		return verified{}, seen.err
	case err != nil:
		return verified{}, refuse(Malformed, "claims are not those of an ID token")
	}
	return seen.verified, nil
}

// witness is the key set that go-oidc asks. It remembers the answer, for
// go-oidc's own errors do not wrap it.
type witness struct {
	keys   verifier
	parsed *jose.JSONWebSignature
	verified
	err error
}

// VerifySignature implements oidc.KeySet.
func (w *witness) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	w.verified, w.err = w.keys.verify(ctx, token, w.parsed)
	return w.payload, w.err
}
