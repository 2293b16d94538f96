package gate

import (
	"context"
	"crypto/sha256"
)

// Gate verifies tokens under one Policy. All its methods may be called by any
// number of goroutines at once.
type Gate struct {
	policy  Policy
	headers *joseHeaders
	keys    finder
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
	headers, err := newJOSEHeaders(p.Algorithms)
	if err != nil {
		return nil, err
	}
	if p.Keys != nil {
		return &Gate{policy: p, headers: headers, keys: givenKeys{p.Keys}}, nil
	}
	keys := newRemoteKeys(ctx, p)
	memory, err := newMemory(keys)
	return &Gate{policy: p, headers: headers, keys: keys, memory: memory}, err
}

// Verify returns what a good token says. Its errors are *Error.
func (g *Gate) Verify(ctx context.Context, token string) (*Claims, error) {
	if len(token) > maxTokenBytes {
		return nil, refuse(TooLarge, "got %d bytes, want at most %d", len(token), maxTokenBytes)
	}
	digest := sha256.Sum256([]byte(token))
	v, known := g.memory.recall(ctx, digest)
	if !known {
		var err error
		if v, err = g.verify(ctx, token); err != nil {
			return nil, err
		}
		g.memory.keep(digest, v)
	}
	if err := g.policy.check(v.claims); err != nil {
		return nil, err
	}
	return v.claims.export(v.payload), nil
}

// verify checks the signature of a token and reads its claims.
func (g *Gate) verify(ctx context.Context, token string) (verified, error) {
	h, err := g.headers.read(token)
	if err != nil {
		return verified{}, err
	}
	v, err := g.checkSignature(ctx, token, h)
	if err != nil {
		if _, malformed := g.headers.parse(token); malformed != nil {
			return verified{}, malformed // of which a known header tells nothing
		}
		return verified{}, err
	}
	g.headers.keep(h)
	if v.claims, err = parseClaims(v.payload); err != nil {
		return verified{}, &Error{Malformed, err}
	}
	return v, nil
}

// checkSignature leaves the signature to go-oidc, under the one key that the token
// names. The claims are the policy's, which can tell more exactly what is wrong.
func (g *Gate) checkSignature(ctx context.Context, token string, h joseHeader) (verified, error) {
	k, err := g.keys.find(ctx, h.keyID)
	if err != nil {
		return verified{}, err
	}
	if k.algorithm != "" && k.algorithm != h.algorithm {
		return verified{}, refuse(Signature, "the key that it names is for %.20q", k.algorithm)
	}
	payload, err := k.verify(ctx, token)
	return verified{payload: payload, key: k}, err
}
