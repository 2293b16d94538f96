package tokeninfo_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
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
	"github.com/authcall/authcall/internal/tokeninfo"
)

const (
	account = "caller@local-project.iam.gserviceaccount.com"
	service = "https://hello-123456.us-central1.run.app"
)

var (
	now    = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	makeRS = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })
	makeES = sync.OnceValues(func() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) })
)

func must[K any](t testing.TB, generate func() (K, error)) K {
	t.Helper()
	key, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// sign makes a token of the claims of an ID token, with some changed, or left
// out where the value is nil.
func sign(t testing.TB, alg jose.SignatureAlgorithm, change map[string]any) string {
	t.Helper()
	all := map[string]any{
		"iss": "https://accounts.google.com", "sub": "1", "aud": service, "email": account, "email_verified": true,
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	maps.Copy(all, change)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	key := jose.JSONWebKey{Key: must(t, makeRS), KeyID: "rs"}
	if alg == jose.ES256 {
		key = jose.JSONWebKey{Key: must(t, makeES), KeyID: "es"}
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(all).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// publish serves the public halves of both keys.
func publish(t testing.TB) string {
	t.Helper()
	data, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: must(t, makeRS).Public(), KeyID: "rs"}, {Key: must(t, makeES).Public(), KeyID: "es"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) }))
	t.Cleanup(server.Close)
	return server.URL
}

func clock() time.Time { return now }

func TestInspect(t *testing.T) {
	t.Parallel()
	keys := publish(t)
	iap := map[string]any{"iss": gate.IAPIssuer, "aud": "/projects/1/apps/p", "email_verified": nil}
	own := map[string]any{"iss": account, "sub": account, "aud": "https://app.example.com/*", "email": nil, "email_verified": nil}
	with := func(base map[string]any, name string, value any) map[string]any {
		changed := maps.Clone(base)
		changed[name] = value
		return changed
	}
	tests := []struct {
		name      string
		token     string
		audiences []string
		noKeys    bool
		kind      tokeninfo.Kind
		reason    gate.Reason
		detail    string
		accepted  string // a part of the one acceptor
		warning   string // a part of the one warning
	}{
		{name: "for Cloud Run", token: sign(t, jose.RS256, nil), kind: tokeninfo.IDToken, accepted: "the Cloud Run service at " + service + ", if the account has roles/run.invoker"},
		{name: "for Cloud Run with a path", token: sign(t, jose.RS256, map[string]any{"aud": service + "/push"}), kind: tokeninfo.IDToken, accepted: "the Cloud Run service at " + service + ",", warning: "Cloud Run takes the audience " + service + " alone"},
		{name: "for a function", token: sign(t, jose.RS256, map[string]any{"aud": "https://us-central1-p.cloudfunctions.net/f"}), kind: tokeninfo.IDToken, accepted: "the function at https://us-central1-p.cloudfunctions.net/f"},
		{name: "for IAP", token: sign(t, jose.RS256, map[string]any{"aud": "1-a.apps.googleusercontent.com"}), kind: tokeninfo.IDToken, accepted: "IAP whose OAuth client is 1-a.apps.googleusercontent.com"},
		{name: "for IAP without an email", token: sign(t, jose.RS256, map[string]any{"aud": "1-a.apps.googleusercontent.com", "email": nil}), kind: tokeninfo.IDToken, accepted: "IAP", warning: "includeEmail"},
		{name: "for anything", token: sign(t, jose.RS256, map[string]any{"aud": "https://svc.example"}), kind: tokeninfo.IDToken, accepted: "whatever is set up for the audience https://svc.example"},
		{name: "for the token exchange", token: sign(t, jose.RS256, map[string]any{"aud": "//iam.googleapis.com/projects/1/x"}), kind: tokeninfo.IDToken, accepted: "workload identity federation"},
		{name: "assertion of IAP", token: sign(t, jose.ES256, iap), kind: tokeninfo.IAPAssertion, accepted: "the application that IAP knows as /projects/1/apps/p"},
		{name: "assertion for no application", token: sign(t, jose.ES256, with(iap, "aud", service)), kind: tokeninfo.IAPAssertion, reason: gate.Audience, detail: "aud claim", accepted: service},
		{name: "assertion by the wrong algorithm", token: sign(t, jose.RS256, iap), kind: tokeninfo.IAPAssertion, reason: gate.Algorithm, detail: `got "RS256"`, accepted: "/projects/1/apps/p"},
		{name: "signed by an account", token: sign(t, jose.RS256, own), kind: tokeninfo.SelfSigned, accepted: "IAP in front of https://app.example.com/*"},
		{name: "of another issuer", token: sign(t, jose.RS256, map[string]any{"iss": "https://issuer.example"}), kind: tokeninfo.Foreign, accepted: "whoever trusts the issuer https://issuer.example"},
		{name: "of another issuer without its keys", token: sign(t, jose.RS256, map[string]any{"iss": "https://issuer.example"}), noKeys: true, kind: tokeninfo.Foreign, reason: gate.Issuer, detail: "whose keys to trust was not said", accepted: "whoever trusts"},
		{name: "for one of the audiences wanted", token: sign(t, jose.RS256, nil), audiences: []string{"https://a.example", service}, kind: tokeninfo.IDToken, accepted: service},
		{name: "for another audience", token: sign(t, jose.RS256, nil), audiences: []string{"https://a.example"}, kind: tokeninfo.IDToken, reason: gate.Audience, detail: `want one of ["https://a.example"]`, accepted: service},
		{name: "for nobody", token: sign(t, jose.RS256, map[string]any{"aud": nil}), kind: tokeninfo.IDToken, reason: gate.Audience, detail: "aud claim is missing"},
		{name: "ended", token: sign(t, jose.RS256, map[string]any{"exp": now.Add(-time.Hour).Unix()}), kind: tokeninfo.IDToken, reason: gate.Expired, detail: "it ended 1h0m0s ago", accepted: service},
		{name: "tampered with", token: tamper(sign(t, jose.RS256, nil)), kind: tokeninfo.IDToken, reason: gate.Signature, detail: "no key of the issuer made it", accepted: service},
		{name: "not signed", token: unsigned(sign(t, jose.RS256, nil)), kind: tokeninfo.IDToken, reason: gate.Algorithm, detail: `got "none"`, accepted: service},
		{name: "nothing", token: "", kind: tokeninfo.Unknown, reason: gate.Missing, detail: "no token was given"},
		{name: "access token", token: "ya29.c.abc", kind: tokeninfo.AccessToken, reason: gate.Malformed, detail: "only Google can tell", accepted: "Google's APIs"},
		{name: "nonsense", token: "hello", kind: tokeninfo.Unknown, reason: gate.Malformed, detail: "not a signed JWT"},
		{name: "huge", token: strings.Repeat("a", 20000), kind: tokeninfo.Unknown, reason: gate.TooLarge, detail: "20000 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := tokeninfo.Options{Audiences: tt.audiences, KeysURL: keys, Now: clock}
			if tt.noKeys {
				o.KeysURL = ""
			}
			got, err := tokeninfo.Inspect(t.Context(), tt.token, o)
			if err != nil {
				t.Fatal(err)
			}
			if got.Kind != tt.kind || got.Reason != tt.reason || got.Valid != (tt.reason == "") || !strings.Contains(got.Detail, tt.detail) || (got.Detail == "") != got.Valid {
				t.Errorf("got kind %q, valid %t, reason %q, detail %q; want %q, %q, %q", got.Kind, got.Valid, got.Reason, got.Detail, tt.kind, tt.reason, tt.detail)
			}
			wantOne(t, "acceptor", got.AcceptedBy, tt.accepted)
			wantOne(t, "warning", got.Warnings, tt.warning)
			text, err := json.Marshal(got)
			if parts := strings.Split(tt.token, "."); err != nil || len(parts) == 3 && parts[2] != "" && strings.Contains(string(text), parts[2]) {
				t.Errorf("the token shows, or %v: %s", err, text)
			}
		})
	}
}

// wantOne wants one text with a part, or none where the part is empty.
func wantOne(t *testing.T, what string, got []string, part string) {
	t.Helper()
	if part == "" && len(got) > 0 || part != "" && (len(got) != 1 || !strings.Contains(got[0], part)) {
		t.Errorf("%s: got %q, want one with %q", what, got, part)
	}
}

func TestInspectShowsTheClaims(t *testing.T) {
	t.Parallel()
	got, err := tokeninfo.Inspect(t.Context(), sign(t, jose.RS256, nil), tokeninfo.Options{KeysURL: publish(t), Now: clock})
	if err != nil || got.Algorithm != "RS256" || got.KeyID != "rs" || got.Claims["email"] != account {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestInspectRefusesOptions(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]tokeninfo.Options{
		"keys in the clear": {KeysURL: "http://issuer.example/keys"},
		"empty audience":    {Audiences: []string{""}},
	} {
		if _, err := tokeninfo.Inspect(t.Context(), sign(t, jose.RS256, nil), o); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func tamper(token string) string {
	parts := strings.Split(token, ".")
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	changed := strings.Replace(string(payload), "caller@", "mallet@", 1)
	return parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(changed)) + "." + parts[2]
}

func unsigned(token string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"rs"}`)) + "." + strings.Split(token, ".")[1] + "."
}

func FuzzInspect(f *testing.F) {
	for _, seed := range []string{"", "a.b.c", "ya29.x", "..", sign(f, jose.RS256, nil), sign(f, jose.ES256, nil), unsigned(sign(f, jose.RS256, nil))} {
		f.Add(seed)
	}
	keys := publish(f)
	valid := map[string]bool{sign(f, jose.RS256, nil): true}
	f.Fuzz(func(t *testing.T, token string) {
		got, err := tokeninfo.Inspect(t.Context(), token, tokeninfo.Options{KeysURL: keys, Now: clock})
		if err == nil && got.Valid && !valid[token] && got.KeyID != "es" {
			t.Fatalf("%q is said to be valid", token)
		}
	})
}
