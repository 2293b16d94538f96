package localgcp

import (
	"net/http"
	"strings"
	"testing"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// An API can be switched off, and on again, for both its faces.
func TestRPCServicesCanBeDisabled(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Config: changed(t, "disabled_apis: []", "disabled_apis: [aiplatform.googleapis.com]")})
	const jobs = "projects/local-project/locations/us-central1"
	client := pipelineClient(t, s, "developer@example.com")
	list := func() error {
		_, err := client.ListPipelineJobs(t.Context(), &aiplatformpb.ListPipelineJobsRequest{Parent: jobs}).Next()
		return err
	}
	if err := list(); status.Code(err) != codes.PermissionDenied || !strings.Contains(err.Error(), "it is disabled") {
		t.Errorf("gRPC: got %v, want that the API is disabled", err)
	}
	if code, body := fetch(t, http.MethodGet, s.apiURL+"/v1/"+jobs+"/pipelineJobs", "", developer(t, s)); code != http.StatusForbidden || !strings.Contains(body, `"reason": "SERVICE_DISABLED"`) {
		t.Errorf("REST: got %d %s, want that the API is disabled", code, body)
	}
	if code, body := fetch(t, http.MethodPost, s.apiURL+"/v1/projects/local-project/services/aiplatform.googleapis.com:enable", "{}", developer(t, s)); code != http.StatusOK {
		t.Fatalf("got %d %s, want 200", code, body)
	}
	if code, body := fetch(t, http.MethodGet, s.apiURL+"/v1/"+jobs+"/pipelineJobs", "", developer(t, s)); code != http.StatusOK {
		t.Errorf("enabled: got %d %s, want 200", code, body)
	}
}

func TestRPCServicesHaveFaults(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Config: changed(t, "faults: []", "faults: [{api: aiplatform.googleapis.com, method: listPipelineJobs, code: 503, times: 1, retry_after_seconds: 2}]")})
	const jobs = "/v1/projects/local-project/locations/us-central1/pipelineJobs"
	answer := func() (int, string) { return fetch(t, http.MethodGet, s.apiURL+jobs, "", developer(t, s)) }
	if code, body := answer(); code != http.StatusServiceUnavailable || !strings.Contains(body, "RetryInfo") {
		t.Errorf("got %d %s, want 503 and when to try again", code, body)
	}
	if code, body := answer(); code != http.StatusOK {
		t.Errorf("after the fault: got %d %s, want 200", code, body)
	}
}

// Without a token nobody learns which methods there are.
func TestRPCServicesWantAToken(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	code, body := fetch(t, http.MethodGet, s.apiURL+"/v1/projects/local-project/locations/us-central1/pipelineJobs", "", nil)
	if code != http.StatusUnauthorized || !strings.Contains(body, "CREDENTIALS_MISSING") || !strings.Contains(body, "aiplatform.googleapis.com") {
		t.Errorf("got %d %s, want 401", code, body)
	}
}

// changed is the default configuration with another line.
func changed(t *testing.T, line, by string) *Config {
	t.Helper()
	text := string(DefaultYAML())
	if !strings.Contains(text, "\n"+line+"\n") {
		t.Fatalf("the default configuration has no line %q", line)
	}
	return parse(t, strings.Replace(text, "\n"+line+"\n", "\n"+by+"\n", 1))
}
