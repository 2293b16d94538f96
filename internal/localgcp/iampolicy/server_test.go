package iampolicy_test

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
	"github.com/authcall/authcall/internal/localgcp/iampolicy"
)

const (
	robot    = "robot@local-project.iam.gserviceaccount.com"
	admin    = "admin@example.com"
	resource = "projects/local-project/services/hello"
)

// api are policies that the admin may change.
type api struct {
	directory *iam.Directory
	resources iampolicy.Resources
}

func newAPI(t testing.TB) api {
	t.Helper()
	d, err := iam.NewDirectory(iam.Config{
		Accounts: []iam.Account{{Email: robot}},
		Users:    []string{admin},
		Bindings: []iam.Binding{{Role: "roles/run.admin", Members: []string{"user:" + admin}, Resource: "projects/local-project"}},
		Secret:   []byte(strings.Repeat("s", 32)),
	})
	if err != nil {
		t.Fatal(err)
	}
	front := &apifront.Front{Service: "run.googleapis.com", Callers: d}
	return api{d, iampolicy.Resources{Front: front, Name: "run", Permission: "run.services", Directory: d}}
}

func (a api) ask(t testing.TB, who, verb, body string, exists bool) (status int, answer map[string]any) {
	t.Helper()
	p, _ := a.directory.Lookup(who)
	token, _, err := a.directory.AccessToken(p, []string{iam.CloudPlatform}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	a.resources.Serve(w, r, verb, resource, exists)
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	return w.Code, answer
}

const invokers = `{"policy":{"version":1,"bindings":[{"role":"roles/run.invoker","members":["serviceAccount:` + robot + `"]}]}}`

func TestReadChangeWrite(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	_, before := a.ask(t, admin, ":getIamPolicy", "", true)
	if status, answer := a.ask(t, admin, ":setIamPolicy", invokers, true); status != 200 || answer["etag"] == before["etag"] {
		t.Fatalf("got %d %v, want another policy than %v", status, answer, before)
	}
	_, after := a.ask(t, admin, ":getIamPolicy", "", true)
	want := []any{map[string]any{"role": "roles/run.invoker", "members": []any{"serviceAccount:" + robot}}}
	if diff := cmp.Diff(want, after["bindings"]); diff != "" {
		t.Errorf("bindings (-want +got):\n%s", diff)
	}
	stale := strings.Replace(invokers, `"version":1`, `"etag":"`+before["etag"].(string)+`"`, 1)
	if status, answer := a.ask(t, admin, ":setIamPolicy", stale, true); status != 409 {
		t.Errorf("with an old etag: got %d %v, want 409", status, answer)
	}
}

func TestAPolicyThatCannotBeKept(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	unwritable(t, a.directory)
	if status, answer := a.ask(t, admin, ":setIamPolicy", invokers, true); status != 500 {
		t.Errorf("got %d %v, want 500", status, answer)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, who, verb, body string
		exists                bool
		want                  int
	}{
		{"read without the permission", robot, ":getIamPolicy", "", true, 403},
		{"write without the permission", robot, ":setIamPolicy", invokers, true, 403},
		{"missing resource", admin, ":getIamPolicy", "", false, 404},
		{"unknown role", admin, ":setIamPolicy", `{"policy":{"bindings":[{"role":"roles/x","members":["allUsers"]}]}}`, true, 400},
		{"unknown member", admin, ":setIamPolicy", `{"policy":{"bindings":[{"role":"roles/run.invoker","members":["user:x@example.com"]}]}}`, true, 400},
		{"unknown field", admin, ":setIamPolicy", `{"policies":{}}`, true, 400},
		{"junk to test", admin, ":testIamPermissions", `junk`, true, 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if status, answer := newAPI(t).ask(t, tt.who, tt.verb, tt.body, tt.exists); status != tt.want {
				t.Errorf("got %d %v, want %d", status, answer, tt.want)
			}
		})
	}
}

func TestTestIamPermissions(t *testing.T) {
	t.Parallel()
	const two = `{"permissions":["run.routes.invoke","run.services.delete"]}`
	tests := []struct {
		name, who string
		exists    bool
		want      map[string]any
	}{
		{"one of two", admin, true, map[string]any{"permissions": []any{"run.routes.invoke"}}},
		{"none of two", robot, true, map[string]any{}},
		{"on a missing resource", admin, false, map[string]any{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, answer := newAPI(t).ask(t, tt.who, ":testIamPermissions", two, tt.exists)
			if diff := cmp.Diff(tt.want, answer); status != 200 || diff != "" {
				t.Errorf("got %d (-want +got):\n%s", status, diff)
			}
		})
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for call, want := range map[string]bool{
		robot + ":getIamPolicy": true, robot + ":setIamPolicy": true, robot + ":testIamPermissions": true, robot + ":generateIdToken": false, robot: false, "": false,
	} {
		name, _, got := iampolicy.Split(call)
		if got != want || got && name != robot {
			t.Errorf("Split(%q) = %q, %v, want %v", call, name, got, want)
		}
	}
}

func FuzzSetIamPolicy(f *testing.F) {
	a := newAPI(f)
	f.Add(invokers)
	f.Add(`{"policy":{"bindings":[{}]}}`)
	f.Add(`{"policy":null,"updateMask":"x"}`)
	f.Fuzz(func(t *testing.T, body string) {
		if status, answer := a.ask(t, admin, ":setIamPolicy", body, true); status >= 500 {
			t.Fatalf("got %d %v", status, answer)
		}
	})
}
