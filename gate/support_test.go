package gate_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/authcall/authcall/gate"
)

const (
	audience    = "https://hello.example.com"
	caller      = "caller@local-project.iam.gserviceaccount.com"
	subject     = "112233445566778899000"
	iapAudience = "/projects/123/global/backendServices/456"
)

var (
	now       = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	makeKeys  = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })
	makeOther = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })
	makeP256  = sync.OnceValues(func() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) })
)

// goodClaims are those of a token as Google makes it for a service account.
func goodClaims() map[string]any {
	return map[string]any{
		"iss": "https://accounts.google.com", "aud": audience, "azp": subject, "sub": subject,
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		"email": caller, "email_verified": true,
	}
}

// with returns good claims with some changed, or left out where the value is nil.
func with(change map[string]any) map[string]any {
	c := goodClaims()
	maps.Copy(c, change)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return c
}

func mustKey[K any](t testing.TB, generate func() (K, error)) K {
	t.Helper()
	key, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sign(t testing.TB, alg jose.SignatureAlgorithm, key any, kid string, claims any) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithType("JWT")
	if kid != "" {
		options = options.WithHeader("kid", kid)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, options)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func good(t testing.TB, claims map[string]any) string {
	t.Helper()
	return sign(t, jose.RS256, mustKey(t, makeKeys), "key-1", claims)
}

// keyServer publishes the good key and counts how often it is asked.
type keyServer struct {
	*httptest.Server
	mu     sync.Mutex
	asked  int
	status int
	header http.Header
	body   []byte
}

func (k *keyServer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked++
	maps.Copy(w.Header(), k.header)
	w.WriteHeader(k.status)
	_, _ = w.Write(k.body)
}

func (k *keyServer) answer(status int, body []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.status, k.body = status, body
}

func (k *keyServer) count() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.asked
}

// jwks is a JSON Web Key Set of the public halves of keys.
func jwks(t testing.TB, keys ...jose.JSONWebKey) []byte {
	t.Helper()
	texts := make([]string, len(keys))
	for i, k := range keys {
		data, err := k.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(data)
	}
	return fmt.Appendf(nil, `{"keys":[%s]}`, strings.Join(texts, ","))
}

func rsaKey(t testing.TB, id string, generate func() (*rsa.PrivateKey, error)) jose.JSONWebKey {
	t.Helper()
	return jose.JSONWebKey{Key: mustKey(t, generate).Public(), KeyID: id, Algorithm: "RS256", Use: "sig"}
}

func ecKey(t testing.TB, id string) jose.JSONWebKey {
	t.Helper()
	return jose.JSONWebKey{Key: mustKey(t, makeP256).Public(), KeyID: id, Algorithm: "ES256", Use: "sig"}
}

func newKeyServer(t testing.TB) *keyServer {
	t.Helper()
	k := &keyServer{status: http.StatusOK, body: jwks(t, rsaKey(t, "key-1", makeKeys), ecKey(t, "key-ec"))}
	k.Server = httptest.NewServer(k)
	t.Cleanup(k.Close)
	return k
}

func newGate(t testing.TB, p gate.Policy) *gate.Gate {
	t.Helper()
	if p.KeysURL == "" {
		p.KeysURL = newKeyServer(t).URL
	}
	if p.Now == nil {
		p.Now = func() time.Time { return now }
	}
	g, err := gate.New(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// iapGate is the gate of an application behind IAP.
func iapGate(t testing.TB) *gate.Gate {
	t.Helper()
	p := gate.IAPPolicy(iapAudience)
	p.KeysURL = newKeyServer(t).URL
	return newGate(t, p)
}

// assertion is what IAP tells the application, with some claims changed.
func assertion(t testing.TB, change map[string]any) string {
	t.Helper()
	claims := with(map[string]any{"iss": gate.IAPIssuer, "aud": iapAudience, "azp": iapAudience, "sub": "accounts.google.com:" + subject, "exp": now.Add(10 * time.Minute).Unix(), "email_verified": nil})
	maps.Copy(claims, change)
	return sign(t, jose.ES256, mustKey(t, makeP256), "key-ec", claims)
}

func reasonOf(t testing.TB, err error) gate.Reason {
	t.Helper()
	if err == nil {
		return ""
	}
	refusal, ok := errors.AsType[*gate.Error](err)
	if !ok {
		t.Fatalf("got error %T, want *gate.Error: %v", err, err)
	}
	return refusal.Reason
}
