package gate_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
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
	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/gate"
)

const (
	audience = "https://hello.example.com"
	caller   = "caller@local-project.iam.gserviceaccount.com"
	subject  = "112233445566778899000"
)

var (
	now       = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	makeKeys  = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })
	makeOther = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })
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

func mustKey(t testing.TB, generate func() (*rsa.PrivateKey, error)) *rsa.PrivateKey {
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
	body   []byte
}

func (k *keyServer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked++
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

func jwks(t testing.TB, kid string, key *rsa.PrivateKey) []byte {
	t.Helper()
	data, err := (&jose.JSONWebKey{Key: key.Public(), KeyID: kid, Algorithm: "RS256", Use: "sig"}).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Appendf(nil, `{"keys":[%s]}`, data)
}

func newKeyServer(t testing.TB) *keyServer {
	t.Helper()
	k := &keyServer{status: http.StatusOK, body: jwks(t, "key-1", mustKey(t, makeKeys))}
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

func TestVerifyReturnsTheClaims(t *testing.T) {
	t.Parallel()
	g := newGate(t, gate.Policy{Audiences: []string{audience}})
	claims, err := g.Verify(t.Context(), good(t, with(map[string]any{"google": map[string]any{"organization_number": 7}})))
	if err != nil {
		t.Fatal(err)
	}
	var more struct {
		Google struct {
			OrganizationNumber int `json:"organization_number"`
		} `json:"google"`
	}
	if err := claims.Decode(&more); err != nil || more.Google.OrganizationNumber != 7 {
		t.Errorf("Decode gave %+v, %v, want organization number 7", more, err)
	}
	got := []any{claims.Issuer, claims.Subject, claims.AuthorizedParty, claims.Audience, claims.Email, claims.IssuedAt.Unix(), claims.Expires.Unix()}
	want := []any{"https://accounts.google.com", subject, subject, []string{audience}, caller, now.Unix(), now.Add(time.Hour).Unix()}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

func TestVerifyClaims(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change map[string]any
		policy gate.Policy
		want   gate.Reason
	}{
		{name: "as Google makes it"},
		{name: "issuer without scheme", change: map[string]any{"iss": "accounts.google.com"}},
		{name: "no email", change: map[string]any{"email": nil, "email_verified": nil}},
		{name: "foreign issuer", change: map[string]any{"iss": "https://accounts.google.com.evil.example"}, want: gate.Issuer},
		{name: "no issuer", change: map[string]any{"iss": nil}, want: gate.Issuer},
		{name: "own issuer", change: map[string]any{"iss": "https://issuer.example"}, policy: gate.Policy{Issuers: []string{"https://issuer.example"}}},
		{name: "one of several audiences accepted", policy: gate.Policy{Audiences: []string{"other", audience}}},
		{name: "foreign audience", change: map[string]any{"aud": "https://other.example.com"}, want: gate.Audience},
		{name: "audience with a slash more", change: map[string]any{"aud": audience + "/"}, want: gate.Audience},
		{name: "no audience", change: map[string]any{"aud": nil}, want: gate.Audience},
		{name: "array of our audience", change: map[string]any{"aud": []string{audience}}},
		{name: "array with a foreign audience beside ours", change: map[string]any{"aud": []string{audience, "https://evil.example"}}, want: gate.Audience},
		{name: "empty array", change: map[string]any{"aud": []string{}}, want: gate.Audience},
		{name: "audience of a wrong type", change: map[string]any{"aud": 7}, want: gate.Malformed},
		{name: "ended an hour ago", change: map[string]any{"exp": now.Add(-time.Hour).Unix()}, want: gate.Expired},
		{name: "ended ten seconds ago", change: map[string]any{"exp": now.Add(-10 * time.Second).Unix()}, want: gate.Expired},
		{name: "ended nine seconds ago", change: map[string]any{"exp": now.Add(-9 * time.Second).Unix()}},
		{name: "ended within a longer leeway", change: map[string]any{"exp": now.Add(-59 * time.Second).Unix()}, policy: gate.Policy{Leeway: time.Minute}},
		{name: "ended after a shorter leeway", change: map[string]any{"exp": now.Add(-9 * time.Second).Unix()}, policy: gate.Policy{Leeway: time.Second}, want: gate.Expired},
		{name: "no end", change: map[string]any{"exp": nil}, want: gate.Malformed},
		{name: "end as text", change: map[string]any{"exp": "tomorrow"}, want: gate.Malformed},
		{name: "issued in ten seconds", change: map[string]any{"iat": now.Add(10 * time.Second).Unix()}},
		{name: "issued in eleven seconds", change: map[string]any{"iat": now.Add(11 * time.Second).Unix()}, want: gate.NotYetValid},
		{name: "issued within a longer leeway", change: map[string]any{"iat": now.Add(time.Minute).Unix()}, policy: gate.Policy{Leeway: time.Minute}},
		{name: "not before a future time", change: map[string]any{"nbf": now.Add(time.Minute).Unix()}, want: gate.NotYetValid},
		{name: "not before a past time", change: map[string]any{"nbf": now.Add(-time.Minute).Unix()}},
		{name: "no time of issue", change: map[string]any{"iat": nil}, want: gate.Malformed},
		{name: "no subject", change: map[string]any{"sub": nil}, want: gate.Malformed},
		{name: "email not verified", change: map[string]any{"email_verified": false}, want: gate.EmailNotVerified},
		{name: "email said to be verified by a text", change: map[string]any{"email_verified": "true"}, want: gate.Malformed},
		{name: "email of which nothing is said", change: map[string]any{"email_verified": nil}, want: gate.EmailNotVerified},
		{name: "email on the list", policy: gate.Policy{Emails: []string{"x@example.com", caller}}},
		{name: "email not on the list", policy: gate.Policy{Emails: []string{"x@example.com"}}, want: gate.EmailNotAllowed},
		{name: "no email with a list", change: map[string]any{"email": nil}, policy: gate.Policy{Emails: []string{caller}}, want: gate.EmailNotAllowed},
	}
	keys := newKeyServer(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.policy.Audiences == nil {
				tt.policy.Audiences = []string{audience}
			}
			tt.policy.KeysURL = keys.URL
			_, err := newGate(t, tt.policy).Verify(t.Context(), good(t, with(tt.change)))
			if got := reasonOf(t, err); got != tt.want {
				t.Errorf("got reason %q, want %q (%v)", got, tt.want, err)
			}
		})
	}
}

// publicKeyPEM is what an attacker would use as the secret of HS256.
func publicKeyPEM(t testing.TB) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(mustKey(t, makeKeys).Public())
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func segment(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// attacks are tokens that no gate may let in, with the reason for the refusal.
func attacks(t testing.TB) map[string]struct {
	token string
	want  gate.Reason
} {
	t.Helper()
	ok := good(t, goodClaims())
	parts := strings.Split(ok, ".")
	unsigned := segment(`{"alg":"none","typ":"JWT","kid":"key-1"}`) + "." + parts[1]
	full, err := jose.ParseSignedCompact(ok, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]struct {
		token string
		want  gate.Reason
	}{
		"empty":                          {"", gate.Missing},
		"access token":                   {"ya29.c.c0AYnqXlgABCDEF", gate.Malformed},
		"not base64":                     {"a.b.!", gate.Malformed},
		"algorithm none":                 {unsigned + ".", gate.Algorithm},
		"algorithm NONE":                 {segment(`{"alg":"NONE","kid":"key-1"}`) + "." + parts[1] + ".", gate.Algorithm},
		"no algorithm":                   {segment(`{"kid":"key-1"}`) + "." + parts[1] + "." + parts[2], gate.Algorithm},
		"HS256 with the public key":      {sign(t, jose.HS256, publicKeyPEM(t), "key-1", goodClaims()), gate.Algorithm},
		"RS512, which Google never uses": {sign(t, jose.RS512, mustKey(t, makeKeys), "key-1", goodClaims()), gate.Algorithm},
		"unknown key":                    {sign(t, jose.RS256, mustKey(t, makeOther), "key-2", goodClaims()), gate.Signature},
		"other key under a known name":   {sign(t, jose.RS256, mustKey(t, makeOther), "key-1", goodClaims()), gate.Signature},
		"no key named":                   {sign(t, jose.RS256, mustKey(t, makeKeys), "", goodClaims()), gate.Signature},
		"payload changed":                {parts[0] + "." + segment(`{"sub":"1"}`) + "." + parts[2], gate.Signature},
		"signature cut":                  {ok[:len(ok)-8], gate.Signature},
		"signature removed":              {parts[0] + "." + parts[1] + ".SIGNATURE_REMOVED_BY_GOOGLE", gate.Signature},
		"signature empty":                {parts[0] + "." + parts[1] + ".", gate.Signature},
		"two tokens in one":              {ok + "." + ok, gate.Malformed},
		"two tokens by a comma":          {ok + "," + ok, gate.Malformed},
		"JSON serialization":             {full.FullSerialize(), gate.Malformed},
		"huge":                           {ok + strings.Repeat("A", 16<<10), gate.TooLarge},
		"key of the attacker inside":     {withEmbeddedKey(t), gate.Signature},
		"payload that is not JSON":       {signRaw(t, "hello"), gate.Malformed},
		"payload that is an array":       {signRaw(t, "[]"), gate.Malformed},
	}
}

func withEmbeddedKey(t testing.TB) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: mustKey(t, makeOther), KeyID: "key-1"}}, &jose.SignerOptions{EmbedJWK: true})
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(goodClaims()).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(token)
}

func signRaw(t testing.TB, payload string) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: mustKey(t, makeKeys), KeyID: "key-1"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := signer.Sign([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	token, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestVerifyRefusesAttacks(t *testing.T) {
	t.Parallel()
	g := newGate(t, gate.Policy{Audiences: []string{audience}})
	for name, attack := range attacks(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := g.Verify(t.Context(), attack.token)
			if got := reasonOf(t, err); got != attack.want {
				t.Fatalf("got reason %q, want %q (%v)", got, attack.want, err)
			}
			if attack.token != "" && strings.Contains(err.Error(), attack.token) {
				t.Errorf("the error shows the token: %v", err)
			}
		})
	}
}
