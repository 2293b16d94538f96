package gate_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/authcall/authcall/gate"
)

func FuzzVerify(f *testing.F) {
	for _, a := range attacks(f) {
		f.Add(a.token)
	}
	valid, public := good(f, goodClaims()), mustKey(f, makeKeys).Public()
	g := newGate(f, gate.Policy{Audiences: []string{audience}, Algorithms: []string{"RS256", "ES256"}, Emails: []string{caller}})
	f.Fuzz(func(t *testing.T, token string) {
		claims, err := g.Verify(t.Context(), token)
		if err == nil && token != valid {
			t.Fatalf("let in as %+v: %q", claims, token)
		}
		if err != nil && reasonOf(t, err) == "" {
			t.Fatalf("refusal without a reason: %v", err)
		}
		if library := verifyByLibrary(token, public); err == nil && library != nil {
			t.Fatalf("go-jose refuses what is let in: %v", library)
		}
	})
}

func verifyByLibrary(token string, key any) error {
	parsed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256, jose.ES256})
	if err == nil {
		_, err = parsed.Verify(key)
	}
	return err
}

// Where one part of a token is chosen freely and signed by the issuer, the gate
// lets in no more than a general library does.
func FuzzSignedByIssuer(f *testing.F) {
	f.Add(`{"alg":"RS256","kid":"key-1"}`, `{"sub":"1"}`)
	f.Add(`{"alg":"RS256","kid":"key-1","crit":["b64"],"b64":false}`, `{}`)
	f.Add(`{"alg":"RS256","kid":"key-1","crit":null}`, `{}`)
	f.Add(`{"ALG":"RS256","kid":"key-1","alg":"none"}`, `{}`)
	key := mustKey(f, makeKeys)
	g := newGate(f, gate.Policy{Audiences: []string{audience}})
	f.Fuzz(func(t *testing.T, head, payload string) {
		signed := segment(head) + "." + segment(payload)
		digest := sha256.Sum256([]byte(signed))
		signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		token := signed + "." + segment(string(signature))
		_, err = g.Verify(t.Context(), token)
		reason := reasonOf(t, err)
		if library := verifyByLibrary(token, key.Public()); library != nil && reason != gate.Malformed && reason != gate.Algorithm && reason != gate.Signature {
			t.Fatalf("go-jose refuses the signature (%v), the gate says %q", library, reason)
		}
	})
}

func FuzzBearer(f *testing.F) {
	for _, seed := range []string{"", "Bearer", "Bearer x", "bearer  x ", "Basic x", "Bearer a b", "Bearer a,b", "Bearer\ta"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		token, err := gate.Bearer(http.Header{"Authorization": {value}}, "Authorization")
		if _, ok := errors.AsType[*gate.Error](err); err != nil && !ok {
			t.Fatalf("got error %T", err)
		}
		if err == nil && (token == "" || strings.ContainsAny(token, " \t,") || !strings.Contains(value, token)) {
			t.Fatalf("%q gave token %q", value, token)
		}
	})
}

// answering is an issuer that answers with a body.
type answering string

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(a))), Request: r}, nil
}

// Whatever an issuer publishes, a token is good by a key that it published or not
// at all.
func FuzzKeys(f *testing.F) {
	own := jwks(f, rsaKey(f, "key-1", makeKeys))
	for _, seed := range []string{"", "{}", "[]", `{"keys":null}`, `{"keys":[7]}`, `{"keys":[{"kty":"oct","k":"AA","kid":"key-1"}]}`, string(own), string(jwks(f, ecKey(f, "key-1")))} {
		f.Add(seed)
	}
	token := good(f, goodClaims())
	modulus := rsaModulus(f)
	f.Fuzz(func(t *testing.T, body string) {
		g := newGate(t, gate.Policy{Audiences: []string{audience}, HTTPClient: &http.Client{Transport: answering(body)}, KeysURL: "https://issuer.example/keys"})
		_, err := g.Verify(t.Context(), token)
		if err == nil && !strings.Contains(body, modulus) {
			t.Fatalf("let in by %q", body)
		}
		if reason := reasonOf(t, err); err != nil && reason != gate.Signature && reason != gate.KeysUnavailable {
			t.Fatalf("got %v", err)
		}
	})
}

// rsaModulus is the good key's own part of its JSON form.
func rsaModulus(t testing.TB) string {
	t.Helper()
	_, after, _ := strings.Cut(string(jwks(t, rsaKey(t, "key-1", makeKeys))), `"n":"`)
	n, _, _ := strings.Cut(after, `"`)
	return n
}
