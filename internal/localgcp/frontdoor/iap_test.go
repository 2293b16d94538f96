package frontdoor_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/localgcp/frontdoor"
	"github.com/authcall/authcall/internal/localgcp/issuer"
)

const assertionAudience = "/projects/123/locations/us-central1/services/hello"

func (w world) iap(t testing.TB) (http.Handler, *seen) {
	t.Helper()
	app := &seen{}
	door, err := frontdoor.IAP{
		ClientIDs:         []string{clientID, "programmatic"},
		URL:               origin,
		Resource:          service,
		AssertionAudience: assertionAudience,
		IDTokenKeys:       w.issuer.IDTokenKeys(),
		AccountKeys:       func(email string) gate.KeySet { return w.issuer.AccountKeys(email) },
		Signer:            w.issuer,
		Directory:         w.directory,
		App:               app,
	}.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return door, app
}

// selfSigned is a JWT that the account has signed for itself, with some claims
// changed.
func (w world) selfSigned(t testing.TB, email, audience string, change map[string]any) string {
	t.Helper()
	claims := map[string]any{"iss": email, "sub": email, "aud": audience, "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()}
	for name, value := range change {
		claims[name] = value
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := w.issuer.SignJWT(email, payload)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestIAP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign := newWorld(t)
	id := func(email, audience string) string { return w.idToken(t, email, audience) }
	later := time.Now().Add(2 * time.Hour).Unix()
	tests := []struct {
		name  string
		token string
		want  int
		text  string
	}{
		{"accessor", id(caller, clientID), 200, "the app"},
		{"accessor with a programmatic client", id(caller, "programmatic"), 200, "the app"},
		{"not an accessor", id(stranger, clientID), 403, "You don't have access: " + stranger + " lacks permission to access this application."},
		{"somebody unknown", w.issue(t, issuer.IDToken{Subject: "1", Email: "x@example.com", Audience: clientID}), 403, "You don't have access: x@example.com lacks permission to access this application."},
		{"no token", "", 401, "Invalid IAP credentials: empty token"},
		{"access token", w.accessToken(t, caller), 401, "Invalid IAP credentials: Unable to parse JWT"},
		{"garbage", "garbage", 401, "Invalid IAP credentials: Unable to parse JWT"},
		{"signature of another", foreign.idToken(t, caller, clientID), 401, "Invalid IAP credentials: JWT signature is invalid"},
		{"the URL as audience", id(caller, origin), 401, "Invalid IAP credentials: Invalid JWT audience."},
		{"no email claim", w.issue(t, issuer.IDToken{Subject: w.account(t, caller).ID, Audience: clientID}), 401, "Invalid IAP credentials: JWT 'email' claim isn't a string"},
		{"signed by itself for the URL", w.selfSigned(t, caller, origin+"/a/b", nil), 200, "the app"},
		{"signed by itself for all", w.selfSigned(t, caller, origin+"/*", nil), 200, "the app"},
		{"signed by itself for what lies below", w.selfSigned(t, caller, origin+"/a/*", nil), 200, "the app"},
		{"signed by itself for another path", w.selfSigned(t, caller, origin+"/b/*", nil), 401, "Invalid IAP credentials: Invalid JWT audience."},
		{"signed by itself for a longer path", w.selfSigned(t, caller, origin+"/a/b/*", nil), 401, "Invalid IAP credentials: Invalid JWT audience."},
		{"signed by itself for the client", w.selfSigned(t, caller, clientID, nil), 401, "Invalid IAP credentials: Invalid JWT audience."},
		{"signed by itself by a stranger", w.selfSigned(t, stranger, origin+"/*", nil), 403, "You don't have access: " + stranger + " lacks permission to access this application."},
		{"signed by itself as another subject", w.selfSigned(t, caller, origin+"/*", map[string]any{"sub": stranger}), 401, "Invalid IAP credentials: Invalid JWT issuer."},
		{"signed by one as another", w.selfSigned(t, stranger, origin+"/*", map[string]any{"iss": caller, "sub": caller}), 401, "Invalid IAP credentials: JWT signature is invalid"},
		{"signed by itself for too long", w.selfSigned(t, caller, origin+"/*", map[string]any{"exp": later}), 401, "Invalid IAP credentials: Invalid JWT lifetime."},
		{"signed by itself, ended", w.selfSigned(t, caller, origin+"/*", map[string]any{"exp": 1}), 401, "Invalid IAP credentials: Invalid JWT lifetime."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var header http.Header
			if tt.token != "" {
				header = bearer(tt.token)
			}
			door, app := w.iap(t)
			answer := ask(door, http.MethodPost, "/a/b", header)
			if answer.Code != tt.want || answer.Body.String() != tt.text {
				t.Errorf("got %d %q, want %d %q", answer.Code, answer.Body, tt.want, tt.text)
			}
			if made := answer.Header().Get("X-Goog-Iap-Generated-Response"); (made == "true") != (tt.want != 200) {
				t.Errorf("got X-Goog-IAP-Generated-Response %q with status %d", made, answer.Code)
			}
			if (app.header != nil) != (tt.want == 200) {
				t.Errorf("the application was asked: %v, status %d", app.header != nil, answer.Code)
			}
		})
	}
}

func TestIAPSendsBrowsersToSignIn(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method, accept, token string
		want                        int
	}{
		{"browser", http.MethodGet, "text/html,application/xhtml+xml", "", 302},
		{"curl", http.MethodGet, "*/*", "", 302},
		{"no preference", http.MethodGet, "", "", 302},
		{"HEAD", http.MethodHead, "", "", 302},
		{"a program that wants JSON", http.MethodGet, "application/json", "", 401},
		{"POST", http.MethodPost, "text/html", "", 401},
		{"browser with a bad token", http.MethodGet, "text/html", "bad", 401},
	}
	w := newWorld(t)
	door, _ := w.iap(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{"Accept": {tt.accept}}
			if tt.token != "" {
				header.Set("Authorization", "Bearer "+tt.token)
			}
			answer := ask(door, tt.method, "/", header)
			if answer.Code != tt.want {
				t.Fatalf("got %d, want %d", answer.Code, tt.want)
			}
			to, err := url.Parse(answer.Header().Get("Location"))
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == 302 && (to.Host != "accounts.google.com" || to.Query().Get("client_id") != clientID) {
				t.Errorf("got location %s, want Google's sign-in for %s", to, clientID)
			}
			if tt.want != 302 && to.String() != "" {
				t.Errorf("got location %s, want none", to)
			}
		})
	}
}

func TestIAPProxyAuthorization(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := "Bearer " + w.idToken(t, caller, clientID)
	tests := []struct {
		name                 string
		proxy, authorization string
		want                 int
		wantAuthorization    string
	}{
		{"alone", good, "", 200, ""},
		{"leaves Authorization to the application", good, "Bearer app", 200, "Bearer app"},
		{"bad, with a good Authorization", "Bearer bad", good, 200, ""},
		{"bad, with a bad Authorization", "Bearer bad", "Bearer bad", 401, ""},
		{"bad, alone", "Bearer bad", "", 401, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{"Proxy-Authorization": {tt.proxy}}
			if tt.authorization != "" {
				header.Set("Authorization", tt.authorization)
			}
			door, app := w.iap(t)
			if answer := ask(door, http.MethodPost, "/", header); answer.Code != tt.want {
				t.Errorf("got %d, want %d", answer.Code, tt.want)
			}
			if got := app.header.Get("Authorization"); got != tt.wantAuthorization || app.header.Get("Proxy-Authorization") != "" {
				t.Errorf("the application got %v, want Authorization %q alone", app.header, tt.wantAuthorization)
			}
		})
	}
}

func TestIAPTellsTheApplicationWhoCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	header := bearer(w.idToken(t, caller, clientID))
	header.Set("X-Goog-Authenticated-User-Email", "accounts.google.com:forged@example.com")
	header.Set("X-Goog-IAP-JWT-Assertion", "forged")
	door, app := w.iap(t)
	if answer := ask(door, http.MethodPost, "/", header); answer.Code != http.StatusOK {
		t.Fatalf("got %d, want 200", answer.Code)
	}
	account := w.account(t, caller)
	if got := app.header.Get("X-Goog-Authenticated-User-Email"); got != "accounts.google.com:"+caller {
		t.Errorf("got email %q", got)
	}
	if got := app.header.Get("X-Goog-Authenticated-User-Id"); got != "accounts.google.com:"+account.ID {
		t.Errorf("got id %q", got)
	}
	g, err := gate.New(t.Context(), gate.Policy{
		Audiences: []string{assertionAudience}, Issuers: []string{gate.IAPIssuer}, Algorithms: []string{"ES256"}, Keys: w.issuer.IAPKeys(),
	})
	if err != nil {
		t.Fatal(err)
	}
	claims, err := g.Verify(t.Context(), app.header.Get("X-Goog-Iap-Jwt-Assertion"))
	if err != nil || claims.Email != caller {
		t.Errorf("the assertion is of %+v, %v, want %s", claims, err, caller)
	}
}
