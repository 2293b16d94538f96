package gate

import (
	"context"
	"errors"

	"github.com/go-jose/go-jose/v4"
)

// KeySet finds the key that a token names and checks the token's signature with
// it. The key sets of go-oidc satisfy it.
type KeySet interface {
	// VerifySignature returns the payload of a compact JWS whose signature is
	// good. The algorithm has been checked before it is called. An *Error that
	// it returns is the refusal; any other error means Signature.
	VerifySignature(ctx context.Context, jwt string) (payload []byte, err error)
}

// verifier checks the signature of a token that has been parsed already, and
// leaves its claims to be read. Its errors are *Error.
type verifier interface {
	verify(ctx context.Context, token string, parsed *jose.JSONWebSignature) (verified, error)
}

// givenKeys are a KeySet of the policy's own.
type givenKeys struct{ KeySet }

func (k givenKeys) verify(ctx context.Context, token string, _ *jose.JSONWebSignature) (verified, error) {
	payload, err := k.VerifySignature(ctx, token)
	if refusal, ok := errors.AsType[*Error](err); ok {
		return verified{}, refusal
	}
	switch {
	case err == nil:
		return verified{payload: payload}, nil
	case ctx.Err() != nil:
		return verified{}, &Error{KeysUnavailable, errors.Join(err, ctx.Err())}
	default:
		return verified{}, errNoSuchKey()
	}
}

func errNoSuchKey() error { return refuse(Signature, "no key of the issuer made it") }
