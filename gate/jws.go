package gate

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// jws is a JSON Web Signature in compact form, taken apart but not verified. A
// general library spends half of what the signature itself takes on the forms
// that an ID token never has; the tests hold this one to such a library.
type jws struct {
	algorithm, keyID string
	signed           string // what the signature is of
	payload          []byte
	signature        []byte
}

// header is a protected header. Keys and addresses of keys in it are not looked
// at: they are the holder's word.
type header struct {
	Algorithm string          `json:"alg"`
	KeyID     string          `json:"kid"`
	Critical  json.RawMessage `json:"crit"`
}

// parseJWS refuses what needs no key to be refused.
func parseJWS(token string, algorithms []string) (*jws, error) {
	dot := strings.LastIndexByte(token, '.')
	first, second, three := strings.Cut(token[:max(dot, 0)], ".")
	// The decoder would skip ends of lines.
	if !three || strings.Contains(second, ".") || strings.ContainsAny(token, "\r\n") {
		return nil, errForm()
	}
	var h header
	if head, err := decodeSegment(first); err != nil || json.Unmarshal(head, &h) != nil {
		return nil, errForm()
	}
	if !slices.Contains(algorithms, h.Algorithm) {
		return nil, refuse(Algorithm, "got %.20q, want one of %q", h.Algorithm, algorithms)
	}
	payload, payloadErr := decodeSegment(second)
	signature, signatureErr := decodeSegment(token[dot+1:])
	switch {
	case payloadErr != nil || signatureErr != nil:
		return nil, errForm()
	case h.KeyID == "":
		return nil, refuse(Signature, "the header names no key (kid)")
	case h.Critical != nil:
		return nil, refuse(Signature, "the header wants more understood (crit) than an ID token needs")
	}
	return &jws{h.Algorithm, h.KeyID, token[:dot], payload, signature}, nil
}

func errForm() error { return refuse(Malformed, "not a signed JWT in compact form") }

func decodeSegment(s string) ([]byte, error) { return base64.RawURLEncoding.Strict().DecodeString(s) }

// signedBy says whether the key made the signature by the algorithm that the
// header names, which must be the key's own.
func (j *jws) signedBy(key any) bool {
	digest := sha256.Sum256([]byte(j.signed))
	switch public := key.(type) {
	case *rsa.PublicKey:
		return j.algorithm == string(jose.RS256) && rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], j.signature) == nil
	case *ecdsa.PublicKey:
		return j.algorithm == string(jose.ES256) && verifyP256(public, digest[:], j.signature)
	default:
		return false
	}
}

// verifyP256 takes a signature as RFC 7518 section 3.4 has it: two numbers of 32
// bytes each.
func verifyP256(key *ecdsa.PublicKey, digest, signature []byte) bool {
	const size = 32
	if key.Curve != elliptic.P256() || len(signature) != 2*size {
		return false
	}
	r, s := new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:])
	return ecdsa.Verify(key, digest, r, s)
}
