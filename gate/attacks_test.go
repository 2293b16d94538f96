package gate_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/authcall/authcall/gate"
)

// attack is a token that no gate may let in.
type attack struct {
	name, token string
	reason      gate.Reason
	status      int
}

// attacks are held to a gate that takes RS256 and ES256, and whose issuer has a
// key of each kind: key-1 and key-ec.
func attacks(t testing.TB) []attack {
	t.Helper()
	const unauthorized = http.StatusUnauthorized
	ok := good(t, goodClaims())
	parts := strings.Split(ok, ".")
	es := sign(t, jose.ES256, mustKey(t, makeP256), "key-ec", goodClaims())
	esParts := strings.Split(es, ".")
	otherService, otherIssuer := map[string]any{"aud": "https://other.example.com"}, map[string]any{"iss": "https://evil.example"}
	return []attack{
		{"empty", "", gate.Missing, unauthorized},
		{"access token", "ya29.c.c0AYnqXlgABCDEF", gate.Malformed, unauthorized},
		{"not base64", "a.b.!", gate.Malformed, unauthorized},
		{"only dots", "..", gate.Algorithm, unauthorized},
		{"huge", ok + strings.Repeat("A", 16<<10), gate.TooLarge, unauthorized},
		{"thousands of parts", strings.Repeat("A.", 8<<10), gate.Malformed, unauthorized},
		{"two tokens in one", ok + "." + ok, gate.Malformed, unauthorized},
		{"JSON serialization", fullJSON(t, ok), gate.Malformed, unauthorized},
		{"white space in the payload", parts[0] + "." + parts[1] + " ." + parts[2], gate.Malformed, unauthorized},
		{"white space of Unicode", parts[0] + "." + parts[1] + ".\u2003" + parts[2], gate.Malformed, unauthorized},
		{"padded base64", parts[0] + "." + parts[1] + "." + parts[2] + "==", gate.Malformed, unauthorized},

		{"algorithm none", segment(`{"alg":"none","typ":"JWT","kid":"key-1"}`) + "." + parts[1] + ".", gate.Algorithm, unauthorized},
		{"algorithm NONE", segment(`{"alg":"NONE","kid":"key-1"}`) + "." + parts[1] + ".", gate.Algorithm, unauthorized},
		{"algorithm none with a signature", segment(`{"alg":"none","kid":"key-1"}`) + "." + parts[1] + "." + parts[2], gate.Algorithm, unauthorized},
		{"no algorithm", segment(`{"kid":"key-1"}`) + "." + parts[1] + "." + parts[2], gate.Algorithm, unauthorized},
		{"HS256 with the public key", sign(t, jose.HS256, publicKeyPEM(t), "key-1", goodClaims()), gate.Algorithm, unauthorized},
		{"RS512, which Google never uses", sign(t, jose.RS512, mustKey(t, makeKeys), "key-1", goodClaims()), gate.Algorithm, unauthorized},
		{"PS256 by the right key", sign(t, jose.PS256, mustKey(t, makeKeys), "key-1", goodClaims()), gate.Algorithm, unauthorized},
		{"critical header that nobody knows", segment(`{"alg":"RS256","kid":"key-1","crit":["x"],"x":1}`) + "." + parts[1] + "." + parts[2], gate.Signature, unauthorized},

		{"ES256 said of an RSA signature", segment(`{"alg":"ES256","kid":"key-1"}`) + "." + parts[1] + "." + parts[2], gate.Signature, unauthorized},
		{"RS256 said of the elliptic key", segment(`{"alg":"RS256","kid":"key-ec"}`) + "." + parts[1] + "." + parts[2], gate.Signature, unauthorized},
		{"RS256 by the RSA key under the name of the other", sign(t, jose.RS256, mustKey(t, makeKeys), "key-ec", goodClaims()), gate.Signature, unauthorized},
		{"unknown key", sign(t, jose.RS256, mustKey(t, makeOther), "key-2", goodClaims()), gate.Signature, unauthorized},
		{"other key under a known name", sign(t, jose.RS256, mustKey(t, makeOther), "key-1", goodClaims()), gate.Signature, unauthorized},
		{"no key named", sign(t, jose.RS256, mustKey(t, makeKeys), "", goodClaims()), gate.Signature, unauthorized},
		{"key of the attacker inside", embedded(t, "key-1"), gate.Signature, unauthorized},
		{"key of the attacker inside and no other", embedded(t, ""), gate.Signature, unauthorized},
		{"key of the attacker by address", sign(t, jose.RS256, jose.JSONWebKey{Key: mustKey(t, makeOther), KeyID: "https://evil.example/jwks"}, "", goodClaims()), gate.Signature, unauthorized},

		{"payload changed", parts[0] + "." + segment(`{"sub":"1"}`) + "." + parts[2], gate.Signature, unauthorized},
		{"signature of another token", parts[0] + "." + parts[1] + "." + strings.Split(good(t, with(otherService)), ".")[2], gate.Signature, unauthorized},
		{"signature cut", ok[:len(ok)-8], gate.Signature, unauthorized},
		{"signature removed", parts[0] + "." + parts[1] + ".SIGNATURE_REMOVED_BY_GOOGLE", gate.Signature, unauthorized},
		{"signature empty", parts[0] + "." + parts[1] + ".", gate.Signature, unauthorized},
		{"short ES256 signature", esParts[0] + "." + esParts[1] + "." + segment("\x01"), gate.Signature, unauthorized},
		{"half an ES256 signature", es[:len(es)-43], gate.Signature, unauthorized},
		{"empty ES256 signature", esParts[0] + "." + esParts[1] + ".", gate.Signature, unauthorized},
		{"ES256 signature of zeros", esParts[0] + "." + esParts[1] + "." + segment(strings.Repeat("\x00", 64)), gate.Signature, unauthorized},
		{"long ES256 signature", esParts[0] + "." + esParts[1] + "." + segment(strings.Repeat("\x01", 65)), gate.Signature, unauthorized},

		{"payload that is not JSON", signRaw(t, "hello"), gate.Malformed, unauthorized},
		{"payload that is an array", signRaw(t, "[]"), gate.Malformed, unauthorized},
		{"payload that nests deep", signRaw(t, strings.Repeat("[", 8<<10)), gate.Malformed, unauthorized},
		{"audience twice", signRaw(t, `{"iss":"accounts.google.com","sub":"1","iat":1,"exp":9999999999,"aud":"https://other.example.com","aud":"`+audience+`"}`), gate.Malformed, unauthorized},
		{"issuer of the attacker", good(t, with(otherIssuer)), gate.Issuer, unauthorized},
		{"meant for another service", good(t, with(otherService)), gate.Audience, unauthorized},
		{"meant for others as well", good(t, with(map[string]any{"aud": []string{audience, "https://other.example.com"}})), gate.Audience, unauthorized},
		{"old", good(t, with(map[string]any{"exp": now.Unix() - 3600})), gate.Expired, unauthorized},
		{"never ending", good(t, with(map[string]any{"exp": nil})), gate.Malformed, unauthorized},
		{"from the future", good(t, with(map[string]any{"iat": now.Unix() + 3600})), gate.NotYetValid, unauthorized},
		{"email of somebody else", good(t, with(map[string]any{"email_verified": false})), gate.EmailNotVerified, unauthorized},
		{"caller who is not on the list", good(t, with(map[string]any{"email": "eve@evil.example"})), gate.CallerNotAllowed, http.StatusForbidden},
	}
}

// A gate that has let somebody in knows the headers of good tokens, and reads those
// of others less closely.
func TestAttacksAreRefused(t *testing.T) {
	t.Parallel()
	policy := gate.Policy{Audiences: []string{audience}, Emails: []string{caller}, Algorithms: []string{"RS256", "ES256"}, KeysURL: newKeyServer(t).URL}
	used := newGate(t, policy)
	wantReason(t, used, good(t, goodClaims()), "")
	wantReason(t, used, sign(t, jose.ES256, mustKey(t, makeP256), "key-ec", goodClaims()), "")
	for _, a := range attacks(t) {
		t.Run("fresh gate/"+a.name, func(t *testing.T) { t.Parallel(); a.wantRefused(t, newGate(t, policy)) })
		t.Run("used gate/"+a.name, func(t *testing.T) { t.Parallel(); a.wantRefused(t, used) })
	}
}

func (a attack) wantRefused(t *testing.T, g *gate.Gate) {
	t.Helper()
	_, err := g.Verify(t.Context(), a.token)
	if got := reasonOf(t, err); got != a.reason {
		t.Fatalf("got reason %q, want %q (%v)", got, a.reason, err)
	}
	if a.token != "" && strings.Contains(err.Error(), a.token) {
		t.Errorf("the error shows the token: %v", err)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Authorization", "Bearer "+a.token)
	g.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("let in") })).ServeHTTP(w, r)
	if want := "token refused: " + string(a.reason) + "\n"; w.Code != a.status || w.Body.String() != want {
		t.Errorf("the middleware answers %d %q, want %d %q", w.Code, w.Body, a.status, want)
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

func fullJSON(t testing.TB, token string) string {
	t.Helper()
	full, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	return full.FullSerialize()
}

// embedded signs with a key of the attacker's that stands in the header.
func embedded(t testing.TB, kid string) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: mustKey(t, makeOther), KeyID: kid}}, &jose.SignerOptions{EmbedJWK: true})
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(goodClaims()).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
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
