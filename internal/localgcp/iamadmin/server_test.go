package iamadmin_test

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
	"github.com/authcall/authcall/internal/localgcp/iamadmin"
)

const (
	pipeline  = "pipeline@local-project.iam.gserviceaccount.com"
	caller    = "caller@local-project.iam.gserviceaccount.com"
	gone      = "gone@local-project.iam.gserviceaccount.com"
	developer = "developer@example.com"
)

// newAPI is the API in a world where the pipeline may make ID tokens of the
// caller, and the developer may see all accounts of the project.
func newAPI(t testing.TB) (api http.Handler, directory *iam.Directory) {
	t.Helper()
	directory, err := iam.NewDirectory(iam.Config{
		Accounts: []iam.Account{{Email: pipeline}, {Email: caller}},
		Users:    []string{developer},
		Bindings: []iam.Binding{
			{Role: "roles/iam.serviceAccountOpenIdTokenCreator", Members: []string{"serviceAccount:" + pipeline}, Resource: iam.AccountResource("local-project", caller)},
			{Role: "roles/viewer", Members: []string{"user:" + developer}, Resource: "projects/local-project"},
		},
		Secret: []byte(strings.Repeat("s", 32)),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := iamadmin.New(&apifront.Front{Service: iamadmin.Service, Title: iamadmin.Title, Callers: directory}, directory)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/projects/{project}/serviceAccounts/{call}", server.Get())
	mux.HandleFunc("POST /v1/projects/{project}/serviceAccounts/{call}", server.TestPermissions())
	return mux, directory
}

func ask(t testing.TB, who, method, path, body string) (status int, answer map[string]any) {
	t.Helper()
	api, directory := newAPI(t)
	p, _ := directory.Lookup(who)
	token, _, err := directory.AccessToken(p, []string{iam.CloudPlatform}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, "/v1/projects/"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	return w.Code, answer
}

func TestGet(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, who, path string
		want            int
	}{
		{"by email", developer, "local-project/serviceAccounts/" + caller, 200},
		{"in any project", developer, "-/serviceAccounts/" + caller, 200},
		{"in another project", developer, "other-project/serviceAccounts/" + caller, 403},
		{"missing, to one who may see accounts", developer, "local-project/serviceAccounts/" + gone, 404},
		{"missing in any project", developer, "-/serviceAccounts/" + gone, 404},
		{"missing, to one who may not", pipeline, "local-project/serviceAccounts/" + gone, 403},
		{"without the permission", pipeline, "local-project/serviceAccounts/" + caller, 403},
		{"a user", developer, "-/serviceAccounts/" + developer, 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, answer := ask(t, tt.who, http.MethodGet, tt.path, "")
			if status != tt.want {
				t.Fatalf("got %d %v, want %d", status, answer, tt.want)
			}
			if status == 200 && (answer["email"] != caller || answer["projectId"] != "local-project" || answer["name"] != "projects/local-project/serviceAccounts/"+caller) {
				t.Errorf("got %v, want the caller", answer)
			}
		})
	}
}

func TestTestIamPermissions(t *testing.T) {
	t.Parallel()
	const twoPermissions = `{"permissions":["iam.serviceAccounts.getOpenIdToken","iam.serviceAccounts.getAccessToken"]}`
	tests := []struct {
		name, who, account, body string
		want                     map[string]any
	}{
		{"one of two", pipeline, caller, twoPermissions, map[string]any{"permissions": []any{"iam.serviceAccounts.getOpenIdToken"}}},
		{"none of two", caller, caller, twoPermissions, map[string]any{}},
		{"none asked for", pipeline, caller, `{}`, map[string]any{}},
		{"on a missing account", pipeline, gone, twoPermissions, map[string]any{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, answer := ask(t, tt.who, http.MethodPost, "-/serviceAccounts/"+tt.account+":testIamPermissions", tt.body)
			if diff := cmp.Diff(tt.want, answer); status != 200 || diff != "" {
				t.Errorf("got %d (-want +got):\n%s", status, diff)
			}
		})
	}
	if status, _ := ask(t, pipeline, http.MethodPost, "-/serviceAccounts/"+caller+":testIamPermissions", "junk"); status != 400 {
		t.Errorf("junk: got %d, want 400", status)
	}
}

func TestServes(t *testing.T) {
	t.Parallel()
	for call, want := range map[string]bool{caller + ":testIamPermissions": true, caller + ":generateIdToken": false, caller: false} {
		if got := iamadmin.Serves(call); got != want {
			t.Errorf("Serves(%q) = %v, want %v", call, got, want)
		}
	}
}
