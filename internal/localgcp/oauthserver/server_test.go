package oauthserver_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/oauthserver"
)

const developer = "developer@example.com"

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func newServer(t testing.TB) (*httptest.Server, *iam.Directory) {
	t.Helper()
	clock := func() time.Time { return start }
	d, err := iam.NewDirectory(iam.Config{Users: []string{developer}, Secret: []byte(strings.Repeat("s", 32)), Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(oauthserver.New(oauthserver.Options{Directory: d, Now: clock}).Handler())
	t.Cleanup(s.Close)
	return s, d
}

func person(t testing.TB, d *iam.Directory) iam.Principal {
	t.Helper()
	p, ok := d.Lookup(developer)
	if !ok {
		t.Fatal("the developer does not exist")
	}
	return p
}

func post(t testing.TB, address string, form url.Values) (status int, answer map[string]any) {
	t.Helper()
	response, err := http.PostForm(address, form)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, answer
}

// The client is the one that Application Default Credentials use.
func TestRefresh(t *testing.T) {
	t.Parallel()
	s, d := newServer(t)
	refresh, err := d.RefreshToken(person(t, d))
	if err != nil {
		t.Fatal(err)
	}
	config := oauth2.Config{ClientID: "id", ClientSecret: "secret", Endpoint: oauth2.Endpoint{TokenURL: s.URL + "/token"}}
	token, err := config.TokenSource(t.Context(), &oauth2.Token{RefreshToken: refresh}).Token()
	if err != nil {
		t.Fatal(err)
	}
	holder, err := d.Authenticate(token.AccessToken)
	if err != nil || holder.Email != developer || !holder.HasScope(iam.CloudPlatform) {
		t.Errorf("got a token of %q with %q, %v, want %s with cloud-platform", holder.Email, holder.Scopes, err, developer)
	}
}

func TestTokenRefuses(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t)
	tests := []struct {
		name string
		form url.Values
		want string
	}{
		{"no grant", url.Values{}, "unsupported_grant_type"},
		{"another grant", url.Values{"grant_type": {"password"}}, "unsupported_grant_type"},
		{"no token", url.Values{"grant_type": {"refresh_token"}}, "invalid_grant"},
		{"foreign token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"1//x"}}, "invalid_grant"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, answer := post(t, s.URL+"/token", tt.form)
			if status != 400 || answer["error"] != tt.want {
				t.Errorf("got %d %v, want 400 %s", status, answer, tt.want)
			}
		})
	}
}

func TestTokenInfo(t *testing.T) {
	t.Parallel()
	s, d := newServer(t)
	p := person(t, d)
	token, _, err := d.AccessToken(p, []string{"a", "b"}, 10*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	status, answer := post(t, s.URL+"/tokeninfo", url.Values{"access_token": {token}})
	want := map[string]any{
		"azp": p.ID, "aud": p.ID, "sub": p.ID, "scope": "a b", "exp": "1767323645", "expires_in": "600",
		"email": developer, "email_verified": "true", "access_type": "online",
	}
	if diff := cmp.Diff(want, answer); status != 200 || diff != "" {
		t.Errorf("got %d (-want +got):\n%s", status, diff)
	}
	for _, bad := range []string{"", "x", token + "x"} {
		if status, answer := post(t, s.URL+"/tokeninfo", url.Values{"access_token": {bad}}); status != 400 || answer["error"] != "invalid_token" {
			t.Errorf("got %d %v, want 400 invalid_token", status, answer)
		}
	}
}
