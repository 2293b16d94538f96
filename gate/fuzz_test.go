package gate_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/authcall/authcall/gate"
)

// Nothing is let in but what the issuer has signed, however its base64 is spelt.
func FuzzVerify(f *testing.F) {
	for _, a := range attacks(f) {
		f.Add(a.token)
	}
	valid := good(f, goodClaims())
	f.Add(valid)
	g := newGate(f, gate.Policy{Audiences: []string{audience}, Algorithms: []string{"RS256", "ES256"}, Emails: []string{caller}})
	if _, err := g.Verify(f.Context(), valid); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, token string) {
		claims, err := g.Verify(t.Context(), token)
		if err == nil && !slices.Equal(decode(token), decode(valid)) {
			t.Fatalf("let in as %+v: %q", claims, token)
		}
		if err != nil && reasonOf(t, err) == "" {
			t.Fatalf("refusal without a reason: %v", err)
		}
	})
}

// decode returns the parts of a token, as far as they can be decoded.
func decode(token string) []string {
	var parts []string
	for part := range strings.SplitSeq(token, ".") {
		text, err := base64.RawURLEncoding.DecodeString(part)
		parts = append(parts, fmt.Sprint(string(text), err))
	}
	return parts
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
