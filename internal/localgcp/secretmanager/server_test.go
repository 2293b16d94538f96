package secretmanager_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/secretmanager"
)

const (
	reader   = "reader@local-project.iam.gserviceaccount.com"
	stranger = "stranger@local-project.iam.gserviceaccount.com"
	admin    = "admin@example.com"
)

func newAPI(t testing.TB) (api http.Handler, directory *iam.Directory) {
	t.Helper()
	d, err := iam.NewDirectory(iam.Config{
		Accounts: []iam.Account{{Email: reader}, {Email: stranger}},
		Users:    []string{admin},
		Bindings: []iam.Binding{
			{Role: "roles/secretmanager.secretAccessor", Members: []string{"serviceAccount:" + reader}, Resource: "projects/local-project/secrets/key"},
			{Role: "roles/secretmanager.admin", Members: []string{"user:" + admin}, Resource: "projects/local-project"},
		},
		Secret: []byte(strings.Repeat("s", 32)),
	})
	if err != nil {
		t.Fatal(err)
	}
	s := secretmanager.New(secretmanager.Options{
		Front:   &apifront.Front{Service: secretmanager.Service, Callers: d},
		Project: "local-project", Number: "123", Directory: d,
		Secrets: map[string]secretmanager.Secret{
			"key":   {Versions: []string{"old", "off", "123456789"}, Disabled: []int{2}},
			"empty": {},
		},
	})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/projects/{project}/secrets/{secret}/versions/{call}", s.Access())
	mux.HandleFunc("GET /v1/projects/{project}/secrets/{secret}/versions", s.List())
	return mux, d
}

func get(t testing.TB, who, path string) (status int, answer map[string]any) {
	t.Helper()
	api, d := newAPI(t)
	p, _ := d.Lookup(who)
	token, _, err := d.AccessToken(p, []string{iam.CloudPlatform}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/v1/projects/"+path, nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	return w.Code, answer
}

func TestAccess(t *testing.T) {
	t.Parallel()
	const versions = "/secrets/key/versions/"
	tests := []struct {
		name, who, path string
		want            int
		text            string // the payload's name, or a part of the message
	}{
		{"by number", reader, "local-project" + versions + "1:access", 200, "projects/123/secrets/key/versions/1"},
		{"latest", reader, "local-project" + versions + "latest:access", 200, "projects/123/secrets/key/versions/3"},
		{"by project number", reader, "123" + versions + "1:access", 200, "projects/123/secrets/key/versions/1"},
		{"disabled", reader, "local-project" + versions + "2:access", 400, "is in DISABLED state"},
		{"missing version", reader, "local-project" + versions + "4:access", 404, "Secret Version [projects/123/secrets/key/versions/4] not found."},
		{"no version", reader, "local-project" + versions + "first:access", 400, "does not match the expected format"},
		{"another verb", reader, "local-project" + versions + "1:destroy", 404, "Method not found."},
		{"without the permission", stranger, "local-project" + versions + "1:access", 403, "denied for resource 'projects/local-project/secrets/key/versions/1' (or it may not exist)"},
		{"missing secret, to one who could not read it", reader, "local-project/secrets/none/versions/1:access", 403, "(or it may not exist)"},
		{"missing secret", admin, "local-project/secrets/none/versions/1:access", 404, "not found or has no versions"},
		{"secret without versions", admin, "local-project/secrets/empty/versions/latest:access", 404, "not found or has no versions"},
		{"another project", admin, "other-project" + versions + "1:access", 403, "projects/other-project"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, answer := get(t, tt.who, tt.path)
			told, err := json.Marshal(answer)
			if status != tt.want || err != nil || !strings.Contains(string(told), tt.text) {
				t.Errorf("got %d %s, want %d with %q", status, told, tt.want, tt.text)
			}
		})
	}
}

// The checksum of these digits is the check value that catalogues of CRCs give for
// CRC-32C, 0xe3069283.
func TestPayload(t *testing.T) {
	t.Parallel()
	_, answer := get(t, reader, "local-project/secrets/key/versions/latest:access")
	want := map[string]any{"data": "MTIzNDU2Nzg5", "dataCrc32c": "3808858755"}
	if diff := cmp.Diff(want["data"], answer["payload"].(map[string]any)["data"]); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
	if sum := answer["payload"].(map[string]any)["dataCrc32c"]; sum != want["dataCrc32c"] {
		t.Errorf("got checksum %v, want %v, as text", sum, want["dataCrc32c"])
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	status, answer := get(t, admin, "local-project/secrets/key/versions")
	want := []any{
		map[string]any{"name": "projects/123/secrets/key/versions/3", "state": "ENABLED"},
		map[string]any{"name": "projects/123/secrets/key/versions/2", "state": "DISABLED"},
		map[string]any{"name": "projects/123/secrets/key/versions/1", "state": "ENABLED"},
	}
	if diff := cmp.Diff(want, answer["versions"]); status != 200 || diff != "" {
		t.Errorf("got %d (-want +got):\n%s", status, diff)
	}
	if status, _ := get(t, reader, "local-project/secrets/key/versions"); status != 403 {
		t.Errorf("without the permission: got %d, want 403", status)
	}
	if status, _ := get(t, admin, "local-project/secrets/none/versions"); status != 404 {
		t.Errorf("missing secret: got %d, want 404", status)
	}
}
