package vertextest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// Token is the access token that Credentials are worth.
const Token = "secret-access-token"

// Credentials writes user credentials, as gcloud does for Application Default
// Credentials, that a token endpoint on this machine turns into Token until the
// test ends. With a refusal, that is its answer instead.
func Credentials(t testing.TB, refusal string) (file string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if refusal != "" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(refusal))
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": Token, "token_type": "Bearer", "expires_in": 3599})
	}))
	t.Cleanup(server.Close)
	data, err := json.Marshal(map[string]string{
		"type": "authorized_user", "account": "dev@example.com", "client_id": "client", "client_secret": "secret-of-client",
		"refresh_token": "secret-refresh-token", "quota_project_id": "billed-project", "token_uri": server.URL,
	})
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "credentials.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
