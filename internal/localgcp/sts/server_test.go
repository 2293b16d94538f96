package sts_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2/google/externalaccount"

	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/issuer"
	"github.com/authcall/authcall/internal/localgcp/sts"
	"github.com/authcall/authcall/internal/localgcp/workload"
)

const pool = "projects/123/locations/global/workloadIdentityPools/pool"

// world is a server with the provider that it trusts and the directory of its
// workloads.
type world struct {
	url       string
	options   sts.Options
	provider  workload.Provider
	directory *iam.Directory
}

func newWorld(t testing.TB) world {
	t.Helper()
	keys, err := issuer.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	o := sts.Options{Pool: pool, Provider: "ci", Issuer: "https://ci.example", Keys: keys.AccountKeys(workload.KeyName)}
	directory, err := iam.NewDirectory(iam.Config{Workloads: []string{o.Member("build")}, Secret: []byte(strings.Repeat("s", 32))})
	if err != nil {
		t.Fatal(err)
	}
	o.Directory = directory
	s, err := sts.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return world{
		url: server.URL, options: o, directory: directory,
		provider: workload.Provider{Issuer: o.Issuer, Audience: o.TokenAudience(), Signer: keys},
	}
}

func (w world) token(t testing.TB, subject string) string {
	t.Helper()
	token, err := w.provider.Token(subject)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

type supplied string

// SubjectToken implements externalaccount.SubjectTokenSupplier.
func (s supplied) SubjectToken(context.Context, externalaccount.SupplierOptions) (string, error) {
	return string(s), nil
}

// The client is Google's own.
func TestExchange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	source, err := externalaccount.NewTokenSource(t.Context(), externalaccount.Config{
		Audience: w.options.Audience(), SubjectTokenType: "urn:ietf:params:oauth:token-type:jwt", TokenURL: w.url,
		Scopes: []string{iam.CloudPlatform}, SubjectTokenSupplier: supplied(w.token(t, "build")),
	})
	if err != nil {
		t.Fatal(err)
	}
	token, err := source.Token()
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.directory.Authenticate(token.AccessToken)
	if err != nil || p.Member() != w.options.Member("build") || !p.HasScope(iam.CloudPlatform) {
		t.Errorf("got a token of %s with %q, %v, want the workload's with cloud-platform", p.Member(), p.Scopes, err)
	}
}

func TestExchangeRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign := newWorld(t)
	elsewhere := w.provider
	elsewhere.Audience = "https://elsewhere.example"
	misdirected, err := elsewhere.Token("build")
	if err != nil {
		t.Fatal(err)
	}
	past := w.provider
	past.Now = func() time.Time { return time.Now().Add(-2 * workload.TokenLife) }
	expired, err := past.Token("build")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, field, value, want string
	}{
		{"grant", "grant_type", "refresh_token", "unsupported_grant_type"},
		{"subject token type", "subject_token_type", "urn:ietf:params:oauth:token-type:saml2", "invalid_request"},
		{"requested token type", "requested_token_type", "x", "invalid_request"},
		{"audience", "audience", "//iam.googleapis.com/x", "invalid_target"},
		{"no token", "subject_token", "", "invalid_grant"},
		{"not a token", "subject_token", "x.y.z", "invalid_grant"},
		{"token of another provider", "subject_token", foreign.token(t, "build"), "invalid_grant"},
		{"token for somebody else", "subject_token", misdirected, "invalid_grant"},
		{"expired token", "subject_token", expired, "invalid_grant"},
		{"unknown subject", "subject_token", w.token(t, "stranger"), "unauthorized_client"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			form := w.form(w.token(t, "build"))
			form.Set(tt.field, tt.value)
			if status, answer := post(t, w, form); status != 400 || answer["error"] != tt.want {
				t.Errorf("got %d %v, want 400 %s", status, answer, tt.want)
			}
		})
	}
	if status, answer := post(t, w, w.form(w.token(t, "build"))); status != 200 {
		t.Errorf("the form that is changed above got %d %v, want 200", status, answer)
	}
}

func (w world) form(token string) url.Values {
	return url.Values{
		"grant_type":           {"urn:ietf:params:oauth:grant-type:token-exchange"},
		"audience":             {w.options.Audience()},
		"requested_token_type": {"urn:ietf:params:oauth:token-type:access_token"},
		"subject_token_type":   {"urn:ietf:params:oauth:token-type:id_token"},
		"subject_token":        {token},
	}
}

func post(t testing.TB, w world, form url.Values) (status int, answer map[string]any) {
	t.Helper()
	s, err := sts.New(t.Context(), w.options)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/v1/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, r)
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	return recorder.Code, answer
}

func FuzzExchange(f *testing.F) {
	w := newWorld(f)
	f.Add("", "")
	f.Add("subject_token", "eyJhbGciOiJub25lIn0.e30.")
	f.Add("audience", "//iam.googleapis.com/"+pool)
	f.Fuzz(func(t *testing.T, field, value string) {
		form := w.form("x.y.z")
		form.Set(field, value)
		if status, _ := post(t, w, form); status != 400 {
			t.Fatalf("got %d, want 400", status)
		}
	})
}
