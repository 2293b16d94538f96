package tokeninfo

import (
	"encoding/json"
	"errors"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// maxTokenBytes is the longest token that is looked into.
const maxTokenBytes = 16 << 10

// algorithms are all that a token may name. To name one is not to be accepted.
func algorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{
		"none", jose.HS256, jose.HS384, jose.HS512, jose.RS256, jose.RS384, jose.RS512,
		jose.ES256, jose.ES384, jose.ES512, jose.PS256, jose.PS384, jose.PS512, jose.EdDSA,
	}
}

// claims are those that decide who accepts a token.
type claims struct {
	jwt.Claims
	Email string `json:"email"`
}

// decoded is what a token says, unverified.
type decoded struct {
	algorithm, keyID string
	claims           claims
	all              map[string]any
}

func decode(token string) (decoded, error) {
	if len(token) > maxTokenBytes {
		return decoded{}, errors.New("too long")
	}
	parsed, err := jose.ParseSignedCompact(token, algorithms())
	if err != nil {
		return decoded{}, err
	}
	header := parsed.Signatures[0].Header
	d := decoded{algorithm: header.Algorithm, keyID: header.KeyID}
	payload := parsed.UnsafePayloadWithoutVerification()
	err = errors.Join(json.Unmarshal(payload, &d.claims), json.Unmarshal(payload, &d.all))
	return d, err
}
