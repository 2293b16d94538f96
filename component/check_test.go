package component

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/auth"
)

const checkedAccount = "caller@p.iam.gserviceaccount.com"

// fakeGoogle answers for a user of these scopes who has these rights on the
// account, and sets the environment that leads to it.
func fakeGoogle(t *testing.T, scopes string, rights []string) string {
	t.Helper()
	token := idToken(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.URL.Path == "/token":
			_, _ = io.WriteString(w, `{"access_token": "ya29.me", "expires_in": 3599, "token_type": "Bearer"}`)
		case r.URL.Path == "/tokeninfo":
			_, _ = fmt.Fprintf(w, `{"email": "me@example.com", "scope": %q}`, scopes)
		case strings.HasSuffix(r.URL.Path, ":testIamPermissions"):
			_ = json.NewEncoder(w).Encode(map[string][]string{"permissions": rights})
		default:
			_ = json.NewEncoder(w).Encode(map[string]string{"token": token})
		}
	}))
	t.Cleanup(server.Close)
	file := fmt.Sprintf(`{"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r","token_uri":"%s/token"}`, server.URL)
	path := filepath.Join(t.TempDir(), "adc.json")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"GOOGLE_APPLICATION_CREDENTIALS": path, "AUTHCALL_IAM_ENDPOINT": server.URL + "/",
		"AUTHCALL_IAM_ADMIN_ENDPOINT": server.URL + "/", "AUTHCALL_TOKEN_INFO_ENDPOINT": server.URL + "/tokeninfo",
	} {
		t.Setenv(name, value)
	}
	return token
}

func idToken(t *testing.T) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: make([]byte, 32)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(map[string]any{
		"iss": "https://accounts.google.com", "aud": "https://svc", "email": checkedAccount, "exp": time.Now().Add(time.Hour).Unix(),
	}).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9" + token[strings.Index(token, "."):]
}

func TestCheck(t *testing.T) {
	private := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			t.Errorf("asked with %s, want GET", r.Method)
		}
		switch r.URL.Path {
		case "/open":
			return
		case "/moved":
			http.Redirect(w, r, "/here", http.StatusFound)
			return
		case "/hidden":
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "The requested URL <code>/hidden</code> was not found on this server.")
			return
		}
		if r.Header.Get("Authorization") == "" || r.URL.Path == "/refused" {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "Your client does not have permission to get URL")
			return
		}
		if r.URL.Path == "/missing" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer private.Close()
	const all = "openid https://www.googleapis.com/auth/cloud-platform"
	mint := []string{"iam.serviceAccounts.getOpenIdToken"}
	cases := []struct {
		name, path, scopes string
		rights             []string
		kind               auth.Kind
		want               []string
		cure               string
	}{
		{name: "all well", scopes: all, rights: mint, kind: auth.Auto,
			want: []string{"ok credentials", "ok principal", "ok scopes", "ok may become " + checkedAccount, "ok token", "ok without token", "ok with token"}},
		{name: "an error of the app itself means that the caller is in", path: "/missing", scopes: all, rights: mint, kind: auth.Auto,
			want: []string{"ok credentials", "ok principal", "ok scopes", "ok may become " + checkedAccount, "ok token", "ok without token", "ok with token"}},
		{name: "narrow scopes", scopes: "openid", kind: auth.Auto, want: []string{"ok credentials", "ok principal", "FAIL scopes"}, cure: "a service account of your own"},
		{name: "no right", scopes: all, rights: []string{"iam.serviceAccounts.actAs"}, kind: auth.Auto,
			want: []string{"ok credentials", "ok principal", "ok scopes", "FAIL may become " + checkedAccount},
			cure: "add-iam-policy-binding " + checkedAccount + " --member=user:me@example.com --role=roles/iam.serviceAccountOpenIdTokenCreator"},
		{name: "no invoker", path: "/refused", scopes: all, rights: mint, kind: auth.Auto,
			want: []string{"ok credentials", "ok principal", "ok scopes", "ok may become " + checkedAccount, "ok token", "ok without token", "FAIL with token"},
			cure: "roles/run.invoker"},
		{name: "a redirect", path: "/moved", scopes: all, rights: mint, kind: auth.Auto,
			want: []string{"ok credentials", "ok principal", "ok scopes", "ok may become " + checkedAccount, "ok token", "ok without token", "FAIL with token"},
			cure: "/here"},
		{name: "a name that Google's front end does not know", path: "/hidden", scopes: all, rights: mint, kind: auth.Auto,
			want: []string{"ok credentials", "ok principal", "ok scopes", "ok may become " + checkedAccount, "ok token", "ok without token", "FAIL with token"},
			cure: "gcloud run services describe"},
		{name: "no credential", path: "/open", scopes: all, kind: auth.None, want: []string{"ok token", "ok target"}},
		{name: "no credential where one is wanted", scopes: all, kind: auth.None, want: []string{"ok token", "FAIL target"}, cure: "set auth to auto"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			token := fakeGoogle(t, c.scopes, c.rights)
			config, policy, err := FromEnvironment()
			if err != nil {
				t.Fatal(err)
			}
			config.URL, config.ServiceAccount, config.Auth = private.URL+c.path, checkedAccount, c.kind
			caller, err := NewCaller(config, policy, zerolog.Nop())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			cure := ""
			for _, check := range caller.Check(t.Context()) {
				mark := "ok "
				if !check.OK {
					mark, cure = "FAIL ", check.Cure
				}
				got = append(got, mark+check.Name)
				if strings.Contains(check.Detail, token) || strings.Contains(check.Detail, "ya29.me") {
					t.Errorf("%s shows a token: %s", check.Name, check.Detail)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" || !strings.Contains(cure, c.cure) {
				t.Errorf("cure %q, want %q; checks (-want +got):\n%s", cure, c.cure, diff)
			}
		})
	}
}

func TestNoPartOfAnOutcomeRepeatsTheToken(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Seen", r.Header.Get("Authorization"))
		_, _ = fmt.Fprintf(w, `{"seen": %q, "next": null}`, r.Header.Get("Authorization"))
	}))
	defer server.Close()
	for name, input := range map[string]string{"success": "true", "poll_until": "true", "next_page": ".body.next"} {
		token := fakeGoogle(t, "openid", nil)
		outcome, _, err := do(t, testPolicy(t), map[string]string{
			"url": server.URL, "auth": "id-token", "service_account": checkedAccount, "result": ".body.seen", name: input,
		})
		if err != nil {
			t.Fatal(err)
		}
		shown := fmt.Sprint(outcome.Text, outcome.Result, outcome.published)
		if strings.Contains(shown, token) || !strings.Contains(outcome.Text, "[redacted]") || outcome.Caller.CalledAs != checkedAccount {
			t.Errorf("with %s: outcome %+v shows the token, or not who called", name, outcome)
		}
	}
}
