package localgcp

import (
	"net/http"
	"strings"
	"testing"
)

func TestFunctions(t *testing.T) {
	t.Parallel()
	c := parse(t, string(DefaultYAML()))
	c.Services = append(c.Services, Service{Name: "greet", Kind: FunctionGen1, App: "hello", Invokers: []string{"allUsers"}},
		Service{Name: "resize", Kind: Function, App: "hello", Invokers: []string{"allUsers"}})
	s := start(t, Options{Config: c})
	const functions = "/projects/local-project/locations/us-central1/functions/"
	tests := []struct {
		name, method, path string
		want               int
		text               string
	}{
		{"first generation", "GET", "/v2" + functions + "greet", 200, `"environment": "GEN_1"`},
		{"second generation", "GET", "/v2" + functions + "resize", 200, `"service": "projects/local-project/locations/us-central1/services/resize"`},
		{"no function", "GET", "/v2" + functions + "hello", 404, "was not found"},
		{"policy of the first", "GET", "/v2" + functions + "greet:getIamPolicy", 200, "allUsers"},
		{"permissions on the first", "POST", "/v2" + functions + "greet:testIamPermissions", 200, "{"},
		{"policy of the second", "GET", "/v2" + functions + "resize:getIamPolicy", 200, "etag"},
		{"policy of none", "GET", "/v2" + functions + "hello:getIamPolicy", 404, "does not exist"},
		{"policy of the first in the first version", "GET", "/v1" + functions + "greet:getIamPolicy", 200, "allUsers"},
		{"policy of the second in the first version", "GET", "/v1" + functions + "resize:getIamPolicy", 404, "does not exist"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, text := fetch(t, tt.method, s.apiURL+tt.path, "", developer(t, s))
			if status != tt.want || !strings.Contains(text, tt.text) {
				t.Errorf("got %d %s, want %d with %s", status, text, tt.want, tt.text)
			}
		})
	}
}

func TestAFunctionIsShownToWhoMaySeeIt(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	without(t, s, "roles/cloudfunctions.admin", "projects/local-project")
	status, text := fetch(t, http.MethodGet, s.apiURL+"/v2/projects/local-project/locations/us-central1/functions/greet", "", developer(t, s))
	if status != http.StatusForbidden || !strings.Contains(text, "cloudfunctions.functions.get") {
		t.Errorf("got %d %s, want 403 with the permission", status, text)
	}
}

// A role on a function of the second generation lets nobody call it.
func TestTheServiceOfAFunctionLetsIn(t *testing.T) {
	t.Parallel()
	c := parse(t, string(DefaultYAML()))
	c.Services = append(c.Services, Service{Name: "resize", Kind: Function, App: "hello"})
	s := start(t, Options{Config: c})
	call := func() int {
		status, _ := fetch(t, http.MethodGet, s.ServiceURL("resize"), "", nil)
		return status
	}
	const location = "/projects/local-project/locations/us-central1/"
	grant(t, s, "/v2"+location+"functions/resize", "roles/run.invoker", "allUsers")
	if got := call(); got != http.StatusForbidden {
		t.Errorf("with a role on the function: got %d, want 403", got)
	}
	grant(t, s, "/v1"+location+"services/resize", "roles/run.invoker", "allUsers")
	if got := call(); got != http.StatusOK {
		t.Errorf("with one on its service: got %d, want 200", got)
	}
}
