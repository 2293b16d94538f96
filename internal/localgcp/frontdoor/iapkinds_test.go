package frontdoor_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/localgcp/frontdoor"
)

func (w world) otherIAP(t testing.TB, change func(*frontdoor.IAP)) http.Handler {
	t.Helper()
	settings := frontdoor.IAP{
		URL: origin, Resource: service, AssertionAudience: assertionAudience,
		IDTokenKeys: w.issuer.IDTokenKeys(),
		AccountKeys: func(email string) gate.KeySet { return w.issuer.AccountKeys(email) },
		Signer:      w.issuer, Directory: w.directory, App: &seen{},
	}
	change(&settings)
	door, err := settings.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return door
}

func (w world) scoped(t testing.TB, email, scopes string) string {
	t.Helper()
	token, _, err := w.directory.AccessToken(w.account(t, email), strings.Fields(scopes), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestIAPWithManagedClientTakesSignedJWTsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	door := w.otherIAP(t, func(*frontdoor.IAP) {})
	if answer := ask(door, http.MethodPost, "/", bearer(w.selfSigned(t, caller, origin+"/*", nil))); answer.Code != 200 {
		t.Errorf("signed JWT: got %d %s, want 200", answer.Code, answer.Body)
	}
	for _, audience := range []string{origin, clientID, "managed.apps.googleusercontent.com"} {
		answer := ask(door, http.MethodPost, "/", bearer(w.idToken(t, caller, audience)))
		if answer.Code != 401 || answer.Body.String() != "Invalid IAP credentials: Invalid JWT audience." {
			t.Errorf("ID token for %s: got %d %s, want 401", audience, answer.Code, answer.Body)
		}
	}
	if answer := ask(door, http.MethodGet, "/", nil); answer.Code != 302 || !strings.Contains(answer.Header().Get("Location"), "client_id=managed.apps") {
		t.Errorf("browser: got %d to %s, want the sign-in page", answer.Code, answer.Header().Get("Location"))
	}
}

func TestIAPWithAccessTokens(t *testing.T) {
	t.Parallel()
	const email = "https://www.googleapis.com/auth/userinfo.email"
	w := newWorld(t)
	door := w.otherIAP(t, func(i *frontdoor.IAP) { i.AccessTokens = w.directory })
	tests := []struct {
		name, token string
		want        int
	}{
		{"with the scopes", w.scoped(t, caller, "openid "+email), 200},
		{"without openid", w.scoped(t, caller, email), 401},
		{"without email", w.scoped(t, caller, "openid"), 401},
		{"of a stranger", w.scoped(t, stranger, "openid "+email), 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if answer := ask(door, http.MethodPost, "/", bearer(tt.token)); answer.Code != tt.want {
				t.Errorf("got %d %s, want %d", answer.Code, answer.Body, tt.want)
			}
		})
	}
}
