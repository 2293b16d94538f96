package rights_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"github.com/authcall/authcall/internal/sender/rights"
)

// apis stand in for all APIs about rights. A policy that is nil may not be seen;
// one that is not there is of a resource that does not exist.
type apis struct {
	mu       sync.Mutex
	policies map[string]map[string]any
	// held are the caller's permissions on accounts.
	held []string
	// noNumber hides the project.
	noNumber bool
	// conflicts is how often a change is refused as too late.
	conflicts int
	// pending is how often an operation is not done.
	pending int
	asked   []string
}

func (a *apis) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	name, verb, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/"), ":")
	name = strings.TrimPrefix(name, "projects/") // the resource manager's names have it, too
	a.asked = append(a.asked, r.Method+" "+name+":"+verb)
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body)
	p, exists := a.policies[name]
	switch {
	case verb == "testIamPermissions" && !exists:
		answer(w, http.StatusNotFound, "Unknown service account")
	case verb == "testIamPermissions":
		answer(w, http.StatusOK, map[string]any{"permissions": a.held})
	case verb == "" && strings.HasPrefix(name, "operations/"), verb == "enable":
		a.pending--
		answer(w, http.StatusOK, map[string]any{"name": "operations/1", "done": a.pending < 0})
	case verb == "" && a.noNumber:
		answer(w, http.StatusForbidden, "Permission 'resourcemanager.projects.get' denied.")
	case verb == "":
		answer(w, http.StatusOK, map[string]any{"projectId": name, "projectNumber": "42"})
	case !exists:
		answer(w, http.StatusNotFound, "not found")
	case p == nil:
		answer(w, http.StatusForbidden, "Permission denied")
	case verb == "getIamPolicy":
		answer(w, http.StatusOK, p)
	case verb == "setIamPolicy" && (a.conflicts > 0 || body["policy"].(map[string]any)["etag"] != p["etag"]):
		a.conflicts--
		p["etag"] = fmt.Sprint(p["etag"], "x")
		answer(w, http.StatusConflict, "There were concurrent policy changes.")
	default:
		a.policies[name] = body["policy"].(map[string]any)
		answer(w, http.StatusOK, a.policies[name])
	}
}

func answer(w http.ResponseWriter, code int, what any) {
	if message, ok := what.(string); ok {
		what = map[string]any{"error": map[string]any{"code": code, "message": message}}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(what)
}

// checker is one that asks the fake.
func (a *apis) checker(t *testing.T) *rights.Checker {
	t.Helper()
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	c, err := rights.New(t.Context(), rights.Options{
		Endpoints:   rights.Endpoints{IAM: server.URL, ResourceManager: server.URL, Run: server.URL, Functions: server.URL, IAP: server.URL, PubSub: server.URL, ServiceUsage: server.URL},
		Credentials: credentials(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func credentials() *google.Credentials {
	return &google.Credentials{TokenSource: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "secret"})}
}

// policy is one of bindings, each a role and a member.
func policy(bindings ...[2]string) map[string]any {
	all := []any{}
	for _, b := range bindings {
		all = append(all, map[string]any{"role": b[0], "members": []any{b[1]}})
	}
	return map[string]any{"etag": "e", "bindings": all}
}
