package metadata_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/metadata"
)

const account = "/computeMetadata/v1/instance/service-accounts/default/"

func instance(mode metadata.Mode) metadata.Instance {
	return metadata.Instance{
		Project: "local-project", Number: "123", Region: "us-central1", Name: "vm", ID: "456", Mode: mode,
		Account: iam.Principal{Kind: iam.ServiceAccount, Email: email, ID: "789"},
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	const inFull = `{"Subject":"789","Audience":"a","Email":"` + email + `","ComputeEngine":null}`
	only := func(permission string) func(string) bool {
		return func(p string) bool { return p == permission }
	}
	tests := []struct {
		name         string
		mode         metadata.Mode
		permitted    func(string) bool
		token        int
		identity     int
		identityText string
	}{
		{"Cloud Run", metadata.CloudRun, nil, 200, 200, inFull},
		{"GKE", metadata.GKE, nil, 200, 200, inFull},
		{"GKE without binding", metadata.GKE, only(""), 403, 403, "Unable to generate identity token; IAM returned 403 Forbidden: Permission 'iam.serviceAccounts.getOpenIdToken' denied"},
		{"GKE with half a binding", metadata.GKE, only(iam.GetAccessToken), 200, 403, "missing IAM policy binding on the target IAM service account"},
		{"GKE concealed", metadata.GKEConcealed, nil, 200, 403, "This metadata endpoint is concealed.\n"},
		{"a VM has no binding to miss", metadata.ComputeEngine, only(""), 200, 200, `"instance_id":"456"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			i := instance(tt.mode)
			i.Permitted = tt.permitted
			s := metadata.New(i, tokens{}, tokens{})
			if w := get(s, account+"token", google()); w.Code != tt.token {
				t.Errorf("token: got %d, want %d", w.Code, tt.token)
			}
			w := get(s, account+"identity?audience=a&format=full", google())
			if w.Code != tt.identity || !strings.Contains(w.Body.String(), tt.identityText) {
				t.Errorf("identity: got %d %q, want %d with %q", w.Code, w.Body, tt.identity, tt.identityText)
			}
		})
	}
}

func TestUniverse(t *testing.T) {
	t.Parallel()
	i := instance(metadata.ComputeEngine)
	i.Universe = "example-universe.com"
	if w := get(metadata.New(i, tokens{}, tokens{}), "/computeMetadata/v1/universe/universe-domain", google()); w.Body.String() != i.Universe {
		t.Errorf("got %q, want %s", w.Body, i.Universe)
	}
}

func TestEmailIsDefaultAtFirst(t *testing.T) {
	t.Parallel()
	i := instance(metadata.GKE)
	i.Start.Nameless = 2
	s := metadata.New(i, tokens{}, tokens{})
	for n, want := range []string{"default", "default", email, email} {
		if w := get(s, account+"email", google()); w.Body.String() != want {
			t.Errorf("request %d: got %q, want %q", n+1, w.Body, want)
		}
	}
}

func TestFirstAnswersAreLate(t *testing.T) {
	t.Parallel()
	i := instance(metadata.GKE)
	i.Start = metadata.Start{Late: 1, Delay: time.Hour}
	s := metadata.New(i, tokens{}, tokens{})

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(gone, http.MethodGet, account+"email", nil)
	r.Header = google()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Body.Len() > 0 {
		t.Errorf("the client that did not wait got %q", w.Body)
	}
	if w := get(s, account+"email", google()); w.Body.String() != email {
		t.Errorf("the second request got %q, want %s", w.Body, email)
	}
}

func TestALateAnswerComes(t *testing.T) {
	t.Parallel()
	i := instance(metadata.GKE)
	i.Start = metadata.Start{Late: 1, Delay: time.Nanosecond}
	if w := get(metadata.New(i, tokens{}, tokens{}), account+"email", google()); w.Body.String() != email {
		t.Errorf("got %q, want %s", w.Body, email)
	}
}
