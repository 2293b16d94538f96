package gate

import (
	"errors"
	"strings"

	"github.com/go-jose/go-jose/v4"
	lru "github.com/hashicorp/golang-lru/v2"
)

// knownHeaders is how many headers a gate knows again. An issuer has one for each
// of its keys.
const knownHeaders = 16

// joseHeader is what the first part of a token says of its signature.
type joseHeader struct{ text, keyID, algorithm string }

// joseHeaders reads the first part of tokens. It is the same for all that a key has
// signed, so that it is read in full once and then known again.
type joseHeaders struct {
	algorithms []jose.SignatureAlgorithm
	known      *lru.Cache[string, joseHeader]
}

func newJOSEHeaders(algorithms []string) (*joseHeaders, error) {
	known, err := lru.New[string, joseHeader](knownHeaders)
	h := &joseHeaders{known: known}
	for _, a := range algorithms {
		h.algorithms = append(h.algorithms, jose.SignatureAlgorithm(a))
	}
	return h, err
}

// read leaves the rest of a token whose header is known to whoever checks its
// signature, but for white space, which go-oidc would leave out.
func (h *joseHeaders) read(token string) (joseHeader, error) {
	text, _, _ := strings.Cut(token, ".")
	if known, ok := h.known.Get(text); ok && !strings.ContainsFunc(token, isOdd) {
		return known, nil
	}
	return h.parse(token)
}

// isOdd holds for more than white space: no JWS has anything else of it either.
func isOdd(r rune) bool { return r <= ' ' || r > '~' }

// parse reads the whole token and refuses what needs no key to be refused.
func (h *joseHeaders) parse(token string) (joseHeader, error) {
	if token == "" {
		return joseHeader{}, &Error{Reason: Missing}
	}
	parsed, err := jose.ParseSignedCompact(token, h.algorithms)
	if unexpected, ok := errors.AsType[*jose.ErrUnexpectedSignatureAlgorithm](err); ok {
		return joseHeader{}, refuse(Algorithm, "got %.20q, want one of %q", unexpected.Got, h.algorithms)
	}
	if err != nil {
		return joseHeader{}, refuse(Malformed, "not a signed JWT in compact form")
	}
	header := parsed.Signatures[0].Header
	if header.KeyID == "" {
		return joseHeader{}, refuse(Signature, "the header names no key (kid)")
	}
	text, _, _ := strings.Cut(token, ".")
	return joseHeader{text, header.KeyID, header.Algorithm}, nil
}

// keep is for the headers of good tokens alone: of others anybody can make any
// number. It holds nothing else of the token.
func (h *joseHeaders) keep(good joseHeader) {
	if !h.known.Contains(good.text) {
		good.text = strings.Clone(good.text)
		h.known.Add(good.text, good)
	}
}
