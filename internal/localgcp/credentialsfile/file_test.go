package credentialsfile_test

import (
	"encoding/json"
	"testing"

	"golang.org/x/oauth2/google"

	"github.com/authcall/authcall/internal/localgcp/credentialsfile"
)

// Google's library takes each file for the type that it says it is.
func TestGooglesLibraryReadsTheFiles(t *testing.T) {
	t.Parallel()
	e := credentialsfile.Endpoints{API: "http://127.0.0.1:1", Universe: "universe.example"}
	user := e.AuthorizedUser("me@example.com", "refresh")
	tests := []struct {
		kind         google.CredentialsType
		file         credentialsfile.File
		wantUniverse string
	}{
		{google.AuthorizedUser, user, "googleapis.com"},
		{google.ServiceAccount, e.ServiceAccount(credentialsfile.Key{Email: "a@p.iam.gserviceaccount.com", Project: "p", KeyID: "k", PKCS8: []byte("x")}), "universe.example"},
		{google.ExternalAccount, e.ExternalAccount(credentialsfile.Workload{
			Audience: "//iam.googleapis.com/pool", TokenType: "jwt", Source: credentialsfile.File{"file": "/token"}, Impersonate: "a@p.iam.gserviceaccount.com",
		}), "universe.example"},
		{google.ImpersonatedServiceAccount, e.Impersonated("a@p.iam.gserviceaccount.com", []string{"b@p.iam.gserviceaccount.com"}, user), "universe.example"},
	}
	for _, tt := range tests {
		t.Run(string(tt.kind), func(t *testing.T) {
			t.Parallel()
			data, err := json.Marshal(tt.file)
			if err != nil {
				t.Fatal(err)
			}
			creds, err := google.CredentialsFromJSONWithType(t.Context(), data, tt.kind, "scope")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := creds.GetUniverseDomain(); err != nil || got != tt.wantUniverse {
				t.Errorf("got universe %q, %v, want %s", got, err, tt.wantUniverse)
			}
		})
	}
}

func TestImpersonation(t *testing.T) {
	t.Parallel()
	e := credentialsfile.Endpoints{API: "http://127.0.0.1:1/"}
	const want = "http://127.0.0.1:1/v1/projects/-/serviceAccounts/a@p.iam.gserviceaccount.com:generateAccessToken"
	file := e.Impersonated("a@p.iam.gserviceaccount.com", []string{"b@p.iam.gserviceaccount.com"}, nil)
	if got := file["service_account_impersonation_url"]; got != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if got := file["delegates"].([]string); len(got) != 1 || got[0] != "projects/-/serviceAccounts/b@p.iam.gserviceaccount.com" {
		t.Errorf("got delegates %q, want the resource name", got)
	}
	if _, ok := e.ExternalAccount(credentialsfile.Workload{})["service_account_impersonation_url"]; ok {
		t.Error("a workload that impersonates nobody has an impersonation URL")
	}
}
