package auth

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

func TestWorkload(t *testing.T) {
	t.Parallel()
	const (
		pool    = "//iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/ci"
		name    = "principal://iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/ci/subject/"
		anybody = "principalSet://iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/ci/*"
	)
	token := subjectToken(t, map[string]any{"sub": "repo:me/it"})
	text := map[string]any{"type": "text"}
	tests := []struct {
		name, audience, held string
		format               map[string]any
		want                 string
	}{
		{"text", pool + "/providers/github", token + "\n", text, name + "repo:me/it"},
		{"no format", pool + "/providers/github", token, nil, name + "repo:me/it"},
		{"JSON", pool + "/providers/github", `{"value": "` + token + `"}`, map[string]any{"type": "json", "subject_token_field_name": "value"}, name + "repo:me/it"},
		{"JSON with another field", pool + "/providers/github", `{"token": "` + token + `"}`, map[string]any{"type": "json", "subject_token_field_name": "value"}, anybody},
		{"JSON that is none", pool + "/providers/github", token, map[string]any{"type": "json", "subject_token_field_name": "value"}, anybody},
		{"no JWT", pool + "/providers/saml", "<Assertion/>", text, anybody},
		{"no subject", pool + "/providers/github", subjectToken(t, map[string]any{"iss": "x"}), text, anybody},
		{"no file", pool + "/providers/aws", "", nil, anybody},
		{"people", "//iam.googleapis.com/locations/global/workforcePools/staff/providers/okta", token, text, ""},
		{"no provider", pool, token, text, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			source := map[string]any{"format": tt.format}
			if tt.held != "" {
				path := filepath.Join(t.TempDir(), "token")
				if err := os.WriteFile(path, []byte(tt.held), 0o600); err != nil {
					t.Fatal(err)
				}
				source["file"] = path
			}
			data, err := json.Marshal(map[string]any{"type": "external_account", "audience": tt.audience, "credential_source": source})
			if err != nil {
				t.Fatal(err)
			}
			var file credentialsFile
			if err := json.Unmarshal(data, &file); err != nil {
				t.Fatal(err)
			}
			if got := file.workload(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// subjectToken is what another system gives its workload.
func subjectToken(t *testing.T, claims map[string]any) string {
	t.Helper()
	_, key := newKey(t)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}
