package gate

import (
	"context"
	"errors"
)

// KeySet finds the key that a token names and checks the token's signature with
// it. The key sets of go-oidc satisfy it.
type KeySet interface {
	// VerifySignature returns the payload of a compact JWS whose signature is
	// good. The algorithm has been checked before it is called. An *Error that
	// it returns is the refusal; any other error means Signature.
	VerifySignature(ctx context.Context, jwt string) (payload []byte, err error)
}

// finder finds the key of an id. Its errors are *Error.
type finder interface {
	find(ctx context.Context, id string) (*key, error)
}

// key is what signatures are checked with.
type key struct {
	KeySet
	id string
	// algorithm is the only one that the key is for, empty where nothing is said.
	algorithm string
}

// verify tells a refusal from keys that could not be had. Its errors are *Error.
func (k *key) verify(ctx context.Context, token string) ([]byte, error) {
	payload, err := k.VerifySignature(ctx, token)
	if refusal, ok := errors.AsType[*Error](err); ok {
		return nil, refusal
	}
	switch {
	case err == nil:
		return payload, nil
	case ctx.Err() != nil:
		return nil, &Error{KeysUnavailable, errors.Join(err, ctx.Err())}
	default:
		return nil, errNoSuchKey()
	}
}

// givenKeys are a KeySet of the policy's own, which finds its keys itself.
type givenKeys struct{ KeySet }

func (g givenKeys) find(context.Context, string) (*key, error) { return &key{KeySet: g.KeySet}, nil }

func errNoSuchKey() error { return refuse(Signature, "no key of the issuer made it") }
