package issuer

import (
	"context"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// KeySet verifies the signatures of some of the keys without any fetching. It
// fits gate.Policy.
type KeySet struct {
	keys func() (jose.JSONWebKeySet, error)
}

// VerifySignature returns the payload of a token that one of the keys signed.
func (s KeySet) VerifySignature(_ context.Context, token string) ([]byte, error) {
	keys, err := s.keys()
	if err != nil {
		return nil, err
	}
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256, jose.ES256})
	if err != nil {
		return nil, fmt.Errorf("parse token: %w", err)
	}
	return jws.Verify(keys)
}

// IDTokenKeys verifies ID tokens.
func (i *Issuer) IDTokenKeys() KeySet { return KeySet{one(i.id)} }

// HasIDTokenKey says whether a key of ID tokens has the id.
func (i *Issuer) HasIDTokenKey(id string) bool { return id == i.id.id }

// IAPKeys verifies IAP's assertions.
func (i *Issuer) IAPKeys() KeySet { return KeySet{one(i.iap)} }

// AccountKeys verifies what the service account has had signed.
func (i *Issuer) AccountKeys(email string) KeySet { return KeySet{i.accountKeys(email)} }

func (i *Issuer) accountKeys(email string) func() (jose.JSONWebKeySet, error) {
	return func() (jose.JSONWebKeySet, error) {
		k, err := i.account(email)
		if err != nil {
			return jose.JSONWebKeySet{}, err
		}
		return one(k)()
	}
}

func one(k *key) func() (jose.JSONWebKeySet, error) {
	return func() (jose.JSONWebKeySet, error) {
		return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{k.public}}, nil
	}
}
