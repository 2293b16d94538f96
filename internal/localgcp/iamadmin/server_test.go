package iamadmin_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/iamadmin"
)

const (
	pipeline  = "pipeline@local-project.iam.gserviceaccount.com"
	caller    = "caller@local-project.iam.gserviceaccount.com"
	gone      = "gone@local-project.iam.gserviceaccount.com"
	developer = "developer@example.com"
	admin     = "admin@example.com"
)

// newAPI is the API in a world where the pipeline may make ID tokens of the
// caller, the developer may see all accounts of the project,
// and the admin may make more.
func newAPI(t testing.TB) (api http.Handler, directory *iam.Directory) {
	t.Helper()
	directory, err := iam.NewDirectory(iam.Config{
		Accounts: []iam.Account{{Email: pipeline}, {Email: caller}},
		Users:    []string{developer, admin},
		Bindings: []iam.Binding{
			{Role: "roles/iam.serviceAccountOpenIdTokenCreator", Members: []string{"serviceAccount:" + pipeline}, Resource: iam.AccountResource("local-project", caller)},
			{Role: "roles/iam.serviceAccountAdmin", Members: []string{"user:" + admin}, Resource: "projects/local-project"},
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
	mux.HandleFunc("GET /v1/projects/{project}/serviceAccounts", server.List())
	mux.HandleFunc("POST /v1/projects/{project}/serviceAccounts", server.Create())
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

func TestCreate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, who, project, body string
		want                     int
	}{
		{"new", admin, "local-project", `{"accountId":"robot-1","serviceAccount":{"displayName":"A robot"}}`, 200},
		{"there already", admin, "local-project", `{"accountId":"pipeline"}`, 409},
		{"bad id", admin, "local-project", `{"accountId":"A"}`, 400},
		{"in another project", admin, "other-project", `{"accountId":"robot-1"}`, 403},
		{"without the permission", developer, "local-project", `{"accountId":"robot-1"}`, 403},
		{"junk", admin, "local-project", `{"x":1}`, 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, answer := ask(t, tt.who, http.MethodPost, tt.project+"/serviceAccounts", tt.body)
			if status != tt.want {
				t.Fatalf("got %d %v, want %d", status, answer, tt.want)
			}
			if status == 200 && answer["email"] != "robot-1@local-project.iam.gserviceaccount.com" {
				t.Errorf("got %v, want the new account", answer)
			}
		})
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	status, answer := ask(t, developer, http.MethodGet, "local-project/serviceAccounts", "")
	accounts, _ := answer["accounts"].([]any)
	if status != 200 || len(accounts) != 2 {
		t.Errorf("got %d %v, want two accounts", status, answer)
	}
	if status, _ := ask(t, pipeline, http.MethodGet, "local-project/serviceAccounts", ""); status != 403 {
		t.Errorf("without the permission: got %d, want 403", status)
	}
}
