package gate

import (
	"context"
	"errors"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// Gate verifies tokens under one Policy. It is safe for concurrent use.
type Gate struct {
	policy     Policy
	algorithms []jose.SignatureAlgorithm
}

// New checks the policy. It fetches nothing: the keys are fetched when the first
// token arrives, with the values of ctx but without its cancellation.
func New(ctx context.Context, p Policy) (*Gate, error) {
	p = p.withDefaults()
	if err := p.validate(); err != nil {
		return nil, err
	}
	if p.Keys == nil {
		p.Keys = remoteKeys(ctx, p)
	}
	g := &Gate{policy: p}
	for _, a := range p.Algorithms {
		g.algorithms = append(g.algorithms, jose.SignatureAlgorithm(a))
	}
	return g, nil
}

// Verify returns what a good token says. Its errors are *Error.
func (g *Gate) Verify(ctx context.Context, token string) (*Claims, error) {
	if err := g.checkForm(token); err != nil {
		return nil, err
	}
	payload, err := g.checkSignature(ctx, token)
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

// checkForm refuses what needs no key to be refused.
func (g *Gate) checkForm(token string) error {
	if token == "" {
		return &Error{Reason: Missing}
	}
	if len(token) > maxTokenBytes {
		return refuse(TooLarge, "got %d bytes, want at most %d", len(token), maxTokenBytes)
	}
	jws, err := jose.ParseSignedCompact(token, g.algorithms)
	if unexpected, ok := errors.AsType[*jose.ErrUnexpectedSignatureAlgorithm](err); ok {
		return refuse(Algorithm, "got %.20q, want one of %q", unexpected.Got, g.algorithms)
	}
	if err != nil {
		return refuse(Malformed, "not a signed JWT in compact form")
	}
	if jws.Signatures[0].Header.KeyID == "" {
		return refuse(Signature, "the header names no key (kid)")
	}
	return nil
}

// checkSignature leaves the signature and its algorithm to go-oidc, and the
// claims to the policy, which can tell more exactly what is wrong.
func (g *Gate) checkSignature(ctx context.Context, token string) ([]byte, error) {
	seen := &witness{keys: g.policy.Keys}
	verifier := oidc.NewVerifier("", seen, &oidc.Config{
		SupportedSigningAlgs: g.policy.Algorithms,
		SkipClientIDCheck:    true,
		SkipExpiryCheck:      true,
		SkipIssuerCheck:      true,
	})
	_, err := verifier.Verify(ctx, token)
	switch {
	case seen.err != nil && (errors.Is(seen.err, errNoKeys) || ctx.Err() != nil):
		return nil, &Error{KeysUnavailable, errors.Join(seen.err, ctx.Err())}
	case seen.err != nil:
		return nil, refuse(Signature, "no key of the issuer made it")
	case err != nil:
		return nil, refuse(Malformed, "claims are not those of an ID token")
	}
	return seen.payload, nil
}

// witness remembers what a key set answered, for go-oidc's own errors do not
// wrap it.
type witness struct {
	keys    KeySet
	payload []byte
	err     error
}

func (w *witness) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	w.payload, w.err = w.keys.VerifySignature(ctx, token)
	return w.payload, w.err
}
