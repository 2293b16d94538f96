package oauthserver_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2/jwt"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/issuer"
	"github.com/authcall/authcall/internal/localgcp/oauthserver"
)

const robot = "robot@local-project.iam.gserviceaccount.com"

// bank is a token endpoint with the keys of its accounts.
type bank struct {
	server    *httptest.Server
	directory *iam.Directory
	keys      *issuer.Issuer
}

func newBank(t testing.TB, now func() time.Time) bank {
	t.Helper()
	d, err := iam.NewDirectory(iam.Config{Accounts: []iam.Account{{Email: robot}}, Secret: []byte(strings.Repeat("s", 32)), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := issuer.Open(t.TempDir(), now)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	server.Config.Handler = oauthserver.New(oauthserver.Options{
		Directory: d, IDTokens: keys, Now: now,
		TokenURL:    "http://" + server.Listener.Addr().String() + "/token",
		AccountKeys: func(email string) gate.KeySet { return keys.AccountKeys(email) },
	}).Handler()
	server.Start()
	t.Cleanup(server.Close)
	return bank{server, d, keys}
}

// config is how Google's library uses a key file.
func (b bank) config(t testing.TB) *jwt.Config {
	t.Helper()
	id, pkcs8, err := b.keys.PrivateKey(robot)
	if err != nil {
		t.Fatal(err)
	}
	return &jwt.Config{Email: robot, PrivateKey: pkcs8, PrivateKeyID: id, TokenURL: b.server.URL + "/token", Scopes: []string{"a", "b"}}
}

func TestAccessTokenOfAKey(t *testing.T) {
	t.Parallel()
	b := newBank(t, nil)
	token, err := b.config(t).TokenSource(t.Context()).Token()
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.directory.Authenticate(token.AccessToken)
	if err != nil || p.Email != robot || strings.Join(p.Scopes, " ") != "a b" {
		t.Errorf("got a token of %s with %q, %v, want %s with a b", p.Email, p.Scopes, err, robot)
	}
}

func TestIDTokenOfAKey(t *testing.T) {
	t.Parallel()
	b := newBank(t, nil)
	config := b.config(t)
	config.UseIDToken, config.Scopes = true, nil
	config.PrivateClaims = map[string]any{"target_audience": "https://service.example"}
	token, err := config.TokenSource(t.Context()).Token()
	if err != nil {
		t.Fatal(err)
	}
	g, err := gate.New(t.Context(), gate.Policy{Audiences: []string{"https://service.example"}, Keys: b.keys.IDTokenKeys()})
	if err != nil {
		t.Fatal(err)
	}
	claims, err := g.Verify(t.Context(), token.AccessToken)
	if err != nil || claims.Email != robot {
		t.Errorf("got %+v, %v, want a good token of %s", claims, err, robot)
	}
}

func TestAssertionsThatAreRefused(t *testing.T) {
	t.Parallel()
	b := newBank(t, nil)
	now := time.Now().Unix()
	good := map[string]any{"iss": robot, "aud": b.server.URL + "/token", "scope": "a", "iat": now, "exp": now + 3600}
	tests := []struct {
		name   string
		signer string
		change map[string]any
		want   string
	}{
		{"good", robot, nil, ""},
		{"signed by another", "other@local-project.iam.gserviceaccount.com", nil, "Invalid JWT Signature."},
		{"unknown account", robot, map[string]any{"iss": "x@local-project.iam.gserviceaccount.com"}, "Invalid grant: account not found"},
		{"no issuer", robot, map[string]any{"iss": ""}, "Bad Request"},
		{"another audience", robot, map[string]any{"aud": "https://other.example/token"}, "Failed audience check"},
		{"no scope", robot, map[string]any{"scope": ""}, "Invalid OAuth scope or ID token audience provided."},
		{"too long", robot, map[string]any{"exp": now + 7200}, "short-lived token"},
		{"over", robot, map[string]any{"iat": now - 3700, "exp": now - 100}, "reasonable timeframe"},
		{"from a clock that is ahead", robot, map[string]any{"iat": now + 3600, "exp": now + 7200}, "reasonable timeframe"},
		{"without time", robot, map[string]any{"exp": nil}, "reasonable timeframe"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			claims := map[string]any{}
			for name, value := range good {
				claims[name] = value
			}
			for name, value := range tt.change {
				claims[name] = value
			}
			payload, err := json.Marshal(claims)
			if err != nil {
				t.Fatal(err)
			}
			_, token, err := b.keys.SignJWT(tt.signer, payload)
			if err != nil {
				t.Fatal(err)
			}
			status, answer := post(t, b.server.URL+"/token", bearerGrant(token))
			if tt.want == "" {
				if status != 200 {
					t.Errorf("got %d %v, want 200", status, answer)
				}
				return
			}
			if said, _ := answer["error_description"].(string); status != 400 || !strings.Contains(said, tt.want) {
				t.Errorf("got %d %v, want 400 with %q", status, answer, tt.want)
			}
		})
	}
}

func bearerGrant(token string) url.Values {
	return url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {token}}
}

func FuzzAssertion(f *testing.F) {
	b := newBank(f, nil)
	for _, seed := range []string{"", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJSUzI1NiJ9.e30.AA"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if status, answer := post(t, b.server.URL+"/token", bearerGrant(token)); status != 400 {
			t.Fatalf("got %d %v, want 400", status, answer)
		}
	})
}
