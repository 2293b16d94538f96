package auth

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const bare = "/v1/projects/-/serviceAccounts/"

// setADC makes a file with these fields the Application Default Credentials.
func setADC(t *testing.T, fields map[string]any) string {
	t.Helper()
	data, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "adc.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", path)
	return path
}

func userFile(g *fakeGoogle) map[string]any {
	return map[string]any{"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r", "token_uri": g.url + "/token"}
}

func keyFile(t *testing.T, g *fakeGoogle) map[string]any {
	t.Helper()
	block, _ := newKey(t)
	return map[string]any{"type": "service_account", "client_email": "key@p.iam.gserviceaccount.com", "private_key_id": "1", "private_key": block, "token_uri": g.url + "/token"}
}

func newKey(t *testing.T) (block string, key *rsa.PrivateKey) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})), key
}

func workloadFile(t *testing.T, g *fakeGoogle) map[string]any {
	t.Helper()
	subject := filepath.Join(t.TempDir(), "subject")
	if err := os.WriteFile(subject, []byte("subject-token"), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]any{
		"type": "external_account", "audience": "//iam.googleapis.com/pool", "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
		"token_url": g.url + "/sts", "credential_source": map[string]any{"file": subject},
		"service_account_impersonation_url": g.url + bare + "target@p.iam.gserviceaccount.com:generateAccessToken",
	}
}

// TestOwnIDTokenByCredentialsFile shows, for each type of file, as whom the ID
// token of the ambient account is asked for.
func TestOwnIDTokenByCredentialsFile(t *testing.T) {
	g := reset(t)
	impersonated := map[string]any{
		"type": "impersonated_service_account", "source_credentials": userFile(g), "delegates": []string{"projects/-/serviceAccounts/hop@p"},
		"service_account_impersonation_url": g.url + bare + "target@p.iam.gserviceaccount.com:generateAccessToken",
	}
	cases := []struct {
		name    string
		file    map[string]any
		account string
		asked   string
		wantErr string
	}{
		{name: "key file, by the key alone", file: keyFile(t, g), account: "key@p.iam.gserviceaccount.com"},
		{name: "impersonated account, as who impersonates it", file: impersonated, account: "target@p.iam.gserviceaccount.com",
			asked: `target@p.iam.gserviceaccount.com:generateIdToken Bearer ya29.token {"audience":"https://svc","delegates":["projects/-/serviceAccounts/hop@p"],"includeEmail":true}`},
		{name: "workload identity, as the workload itself", file: workloadFile(t, g), account: "target@p.iam.gserviceaccount.com",
			asked: `target@p.iam.gserviceaccount.com:generateIdToken Bearer ya29.federated {"audience":"https://svc","includeEmail":true}`},
		{name: "user, who has none", file: userFile(g), wantErr: "of no service account"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := reset(t)
			g.set("token", jsonOf(map[string]any{"access_token": "ya29.token", "id_token": newJWT(t, time.Hour), "expires_in": 3599, "token_type": "Bearer"}))
			g.set("sts", jsonOf(map[string]any{"access_token": "ya29.federated", "issued_token_type": "urn:ietf:params:oauth:token-type:access_token", "expires_in": 3599, "token_type": "Bearer"}))
			g.set("tokeninfo", jsonOf(map[string]string{"email": "me@example.com"}))
			setADC(t, c.file)
			got, err := newSource(g, Options{Kind: IDToken}).Credential(t.Context())
			if c.wantErr != "" {
				var none *NoCredentialsError
				if !errors.As(err, &none) || !strings.Contains(err.Error(), c.wantErr) {
					t.Errorf("error = %v, want %q", err, c.wantErr)
				}
				return
			}
			if err != nil || got.CalledAs != c.account || got.Token == "" {
				t.Fatalf("Credential = %+v, %v; want a token of %s", got, err, c.account)
			}
			if last := g.last(bare); c.asked != "" && last != bare+c.asked {
				t.Errorf("asked %s, want %s", last, bare+c.asked)
			}
			if c.asked == "" && g.count("generateIdToken") > 0 {
				t.Errorf("asked the IAM Credentials API: %q", g.requests())
			}
		})
	}
}

func TestAnotherAccountIsAskedForAsTheAmbientOne(t *testing.T) {
	g := reset(t)
	g.set("sts", jsonOf(map[string]any{"access_token": "ya29.federated", "issued_token_type": "urn:ietf:params:oauth:token-type:access_token", "expires_in": 3599, "token_type": "Bearer"}))
	setADC(t, workloadFile(t, g))
	if _, err := newSource(g, Options{Kind: IDToken, ServiceAccount: caller}).Credential(t.Context()); err != nil {
		t.Fatal(err)
	}
	last := g.last(bare)
	if want := bare + caller + `:generateIdToken Bearer ya29.other {"audience":"https://svc","includeEmail":true}`; last != want {
		t.Errorf("asked %s, want %s", last, want)
	}
}

func TestPrincipalOfAUser(t *testing.T) {
	g := reset(t)
	g.set("token", jsonOf(map[string]any{"access_token": "ya29.user", "expires_in": 3599, "token_type": "Bearer"}))
	g.set("tokeninfo", jsonOf(map[string]string{"email": "me@example.com"}))
	path := setADC(t, userFile(g))
	s := newSource(g, Options{Kind: IDToken, ServiceAccount: caller})
	if _, err := s.Credential(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.Principal(t.Context()); got != "me@example.com" {
		t.Errorf("Principal = %q, want me@example.com", got)
	}
	if want := "GOOGLE_APPLICATION_CREDENTIALS " + path; s.ambient.Origin != want {
		t.Errorf("Origin = %q, want %q", s.ambient.Origin, want)
	}
	if last := g.last("/tokeninfo"); !strings.Contains(last, "access_token=ya29.user") {
		t.Errorf("tokeninfo was asked %q, want the token in the body", last)
	}
}

func TestAQuotaProjectGoesWithEachRequestToIAM(t *testing.T) {
	g := reset(t)
	g.set("token", jsonOf(map[string]any{"access_token": "ya29.user", "expires_in": 3599, "token_type": "Bearer"}))
	var got []string
	g.set("generateIdToken", func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("X-Goog-User-Project"), r.Header.Get("Authorization"))
		jsonOf(map[string]string{"token": newJWT(t, time.Hour)})(w, r)
	})
	file := userFile(g)
	file["quota_project_id"] = "from-the-file"
	setADC(t, file)
	for _, environment := range []string{"", "from-the-environment"} {
		t.Setenv("GOOGLE_CLOUD_QUOTA_PROJECT", environment)
		if _, err := newSource(g, Options{Kind: IDToken, ServiceAccount: caller}).Credential(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"from-the-file", "Bearer ya29.user", "from-the-environment", "Bearer ya29.user"}, got); diff != "" {
		t.Errorf("quota projects and bearers (-want +got):\n%s", diff)
	}
}

func TestCredentialsFilesThatAreNone(t *testing.T) {
	cases := []struct {
		name string
		file map[string]any
		want string
	}{
		{"unknown type", map[string]any{"type": "nonsense"}, "nonsense"},
		{"no type", map[string]any{}, "type"},
		{"impersonation of nobody", map[string]any{"type": "impersonated_service_account"}, "service_account_impersonation_url"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			setADC(t, c.file)
			_, err := FindAmbient(t.Context(), http.DefaultClient)
			var none *NoCredentialsError
			if !errors.As(err, &none) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("FindAmbient error = %v, want %q", err, c.want)
			}
		})
	}
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/adc.json")
	if _, err := FindAmbient(t.Context(), http.DefaultClient); err == nil || !strings.Contains(err.Error(), "/nowhere/adc.json") {
		t.Errorf("a missing file: error = %v, want one that names it", err)
	}
}

func TestAKeyFileWithoutAKeyIsNoCredential(t *testing.T) {
	for _, kind := range []Kind{IDToken, AccessToken} {
		g := reset(t)
		file := keyFile(t, g)
		file["private_key"] = "hunter2"
		path := setADC(t, file)
		_, err := newSource(g, Options{Kind: kind}).Credential(t.Context())
		var none *NoCredentialsError
		if !errors.As(err, &none) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: error = %v, want that the file holds no key", kind, err)
		}
	}
}

func FuzzFromFile(f *testing.F) {
	for _, seed := range []string{"{}", `{"type":"service_account","client_email":1}`, `{"type":"impersonated_service_account","source_credentials":{"type":"x"}}`, "[]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var file credentialsFile
		if json.Unmarshal(data, &file) == nil {
			_, _ = impersonator(t.Context(), http.DefaultClient, file, "fuzz")
			_, _ = federated(t.Context(), http.DefaultClient, data, file, "fuzz")
		}
	})
}
