package auth

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCredentialsFiles(t *testing.T) {
	g := reset(t)
	cases := []struct {
		name    string
		file    map[string]string
		email   string
		origin  string
		wantErr string
	}{
		{
			name:   "gcloud's user, with a quota project",
			file:   map[string]string{"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r", "token_uri": g.url + "/token", "quota_project_id": "quota"},
			origin: "GOOGLE_APPLICATION_CREDENTIALS",
		},
		{
			name:  "workload identity federation with impersonation",
			email: "sa@p.iam",
			file: map[string]string{"type": "external_account", "audience": "a", "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": g.url + "/sts",
				"service_account_impersonation_url": g.url + "/v1/projects/-/serviceAccounts/sa@p.iam:generateAccessToken"},
			origin: "GOOGLE_APPLICATION_CREDENTIALS",
		},
		{name: "unknown type", file: map[string]string{"type": "nonsense"}, wantErr: "no Application Default Credentials"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			data, err := json.Marshal(c.file)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "adc.json")
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", path)
			ambient, err := FindAmbient(t.Context(), http.DefaultClient)
			var none *NoCredentialsError
			if c.wantErr != "" {
				if !errors.As(err, &none) || !strings.Contains(err.Error(), c.wantErr) {
					t.Errorf("FindAmbient error = %v, want %q", err, c.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if email, err := ambient.Email(t.Context()); err != nil || email != c.email {
				t.Errorf("Email = %q, %v; want %q", email, err, c.email)
			}
			if ambient.quotaProject != c.file["quota_project_id"] {
				t.Errorf("quota project = %q, want %q", ambient.quotaProject, c.file["quota_project_id"])
			}
			if want := c.origin + " " + path; ambient.Origin != want {
				t.Errorf("Origin = %q, want %q", ambient.Origin, want)
			}
		})
	}
}

func TestAQuotaProjectGoesWithEachRequestToIAM(t *testing.T) {
	g := reset(t)
	g.set("token", jsonOf(map[string]any{"access_token": "ya29.user", "expires_in": 3599, "token_type": "Bearer"}))
	var quota, bearer string
	g.set("generateIdToken", func(w http.ResponseWriter, r *http.Request) {
		quota, bearer = r.Header.Get("X-Goog-User-Project"), r.Header.Get("Authorization")
		jsonOf(map[string]string{"token": newJWT(t, time.Hour)})(w, r)
	})
	path := filepath.Join(t.TempDir(), "adc.json")
	file := `{"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r","token_uri":"` + g.url + `/token","quota_project_id":"quota"}`
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", path)
	if _, err := newSource(g, Options{Kind: IDToken, ServiceAccount: caller}).Credential(t.Context()); err != nil {
		t.Fatal(err)
	}
	if quota != "quota" || bearer != "Bearer ya29.user" {
		t.Errorf("quota project %q, bearer %q; want those of the file", quota, bearer)
	}
}

func TestAMissingCredentialsFileIsAnError(t *testing.T) {
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/adc.json")
	if _, err := FindAmbient(t.Context(), http.DefaultClient); err == nil || !strings.Contains(err.Error(), "/nowhere/adc.json") {
		t.Errorf("a missing file: error = %v, want one that names it", err)
	}
}
