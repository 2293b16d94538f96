package localgcp

import (
	"net/http"
	"os"
	"strings"
	"testing"
)

// developer is a header with the developer's access token.
func developer(t testing.TB, s *Server) http.Header {
	t.Helper()
	token, err := os.ReadFile(s.accessTokenFile())
	if err != nil {
		t.Fatal(err)
	}
	return http.Header{"Authorization": {"Bearer " + string(token)}}
}

// All APIs are at one address, and none shadows another.
func TestResources(t *testing.T) {
	t.Parallel()
	c := parse(t, string(DefaultYAML()))
	c.Secrets = []Secret{{Name: "key", Versions: []string{"value"}}}
	s := start(t, Options{Config: c})
	tests := []struct {
		name, method, path, body string
		want                     int
		text                     string
	}{
		{"project", "GET", "projects/local-project", "", 200, `"projectNumber": "123456789012"`},
		{"project by number", "GET", "projects/123456789012", "", 200, `"projectId": "local-project"`},
		{"another project", "GET", "projects/other-project", "", 403, "resourcemanager.projects.get"},
		{"policy of the project", "POST", "projects/123456789012:getIamPolicy", "{}", 200, "roles/aiplatform.user"},
		{"policy of an account", "POST", "projects/-/serviceAccounts/" + callerAccount + ":getIamPolicy", "", 200, "roles/iam.serviceAccountTokenCreator"},
		{"policy of no account", "POST", "projects/-/serviceAccounts/x@local-project.iam.gserviceaccount.com:getIamPolicy", "", 404, "does not exist"},
		{"accounts", "GET", "projects/local-project/serviceAccounts", "", 200, callerAccount},
		{"policy of a service", "GET", "projects/local-project/locations/us-central1/services/hello:getIamPolicy", "", 200, "roles/run.invoker"},
		{"policy of no service", "GET", "projects/local-project/locations/us-central1/services/x:getIamPolicy", "", 404, "does not exist"},
		{"another verb on a service", "GET", "projects/local-project/locations/us-central1/services/hello:x", "", 404, "Method not found"},
		{"policy of an app behind IAP", "POST", "projects/123456789012/iap_web/compute/services/dashboard:getIamPolicy", "{}", 200, "roles/iap.httpsResourceAccessor"},
		{"policy of a secret", "GET", "projects/local-project/secrets/key:getIamPolicy", "", 200, "roles/secretmanager.secretAccessor"},
		{"secret", "GET", "projects/123456789012/secrets/key/versions/latest:access", "", 200, `"data": "dmFsdWU="`},
		{"jobs of the pipeline service", "GET", "projects/local-project/locations/us-central1/pipelineJobs", "", 200, "{"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, text := fetch(t, tt.method, s.apiURL+"/v1/"+tt.path, tt.body, developer(t, s))
			if status != tt.want || !strings.Contains(text, tt.text) {
				t.Errorf("got %d %s, want %d with %s", status, text, tt.want, tt.text)
			}
		})
	}
}

func TestAPIsCanBeSwitchedOn(t *testing.T) {
	t.Parallel()
	c := parse(t, string(DefaultYAML()))
	c.DisabledAPIs = []string{"iam.googleapis.com"}
	s := start(t, Options{Config: c})
	accounts := s.apiURL + "/v1/projects/local-project/serviceAccounts"
	if status, text := fetch(t, "GET", accounts, "", developer(t, s)); status != 403 || !strings.Contains(text, "SERVICE_DISABLED") {
		t.Fatalf("got %d %s, want that the API is disabled", status, text)
	}
	if status, text := fetch(t, "POST", s.apiURL+"/v1/projects/123456789012/services/iam.googleapis.com:enable", "{}", developer(t, s)); status != 200 {
		t.Fatalf("got %d %s, want 200", status, text)
	}
	if status, text := fetch(t, "GET", accounts, "", developer(t, s)); status != 200 {
		t.Errorf("got %d %s, want the accounts", status, text)
	}
}

func TestAnotherClock(t *testing.T) {
	t.Parallel()
	c := parse(t, string(DefaultYAML()))
	c.ClockOffsetSeconds = 7200
	s := start(t, Options{Config: c})
	answer, err := http.Get(s.apiURL + "/oauth2/v3/certs")
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	theirs, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		t.Fatal(err)
	}
	if ahead := theirs.Sub(s.clock.Now()).Abs(); ahead.Minutes() > 1 {
		t.Errorf("the answer's Date is %s off the clock", ahead)
	}
}
