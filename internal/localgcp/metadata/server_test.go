package metadata_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	gcemetadata "cloud.google.com/go/compute/metadata"
	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/issuer"
	"github.com/authcall/authcall/internal/localgcp/metadata"
)

const email = "pipeline@local-project.iam.gserviceaccount.com"

// tokens stands for the directory and the issuer, and shows what it is asked.
type tokens struct{ err error }

func (f tokens) AccessToken(p iam.Principal, scopes []string, life time.Duration) (string, time.Time, error) {
	return "access " + p.Email + " " + strings.Join(scopes, ",") + " " + life.String(), time.Time{}, f.err
}

func (f tokens) IDToken(t issuer.IDToken) (string, error) {
	text, err := json.Marshal(t)
	return string(text), errors.Join(err, f.err)
}

func newServer(mode metadata.Mode, err error) *metadata.Server {
	return metadata.New(metadata.Instance{
		Project: "local-project", Number: "123", Region: "us-central1", Name: "vm", ID: "456", Mode: mode,
		Account: iam.Principal{Kind: iam.ServiceAccount, Email: email, ID: "789"},
		Scopes:  []string{"scope-a", "scope-b"},
	}, tokens{err}, tokens{err})
}

func get(s *metadata.Server, path string, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header = header
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func google() http.Header { return http.Header{"Metadata-Flavor": {"Google"}} }

func TestValues(t *testing.T) {
	t.Parallel()
	const account = "instance/service-accounts/default/"
	tests := []struct {
		path, want string
	}{
		{"", "instance/\nproject/\nuniverse/\n"},
		{"instance/", "hostname\nid\nname\nregion\nservice-accounts/\nzone\n"},
		{"instance/hostname", "vm.us-central1-a.c.local-project.internal"},
		{"instance/id", "456"},
		{"instance/name", "vm"},
		{"instance/region", "projects/123/regions/us-central1"},
		{"instance/zone", "projects/123/zones/us-central1-a"},
		{"instance/service-accounts/", "default/\n" + email + "/\n"},
		{account, "aliases\nemail\nidentity\nscopes\ntoken\n"},
		{account + "aliases", "default\n"},
		{account + "email", email},
		{account + "scopes", "scope-a\nscope-b\n"},
		{"instance/service-accounts/" + email + "/email", email},
		{account + "email?alt=json", `"` + email + `"` + "\n"},
		{account + "?recursive=true", `{"aliases":["default"],"email":"` + email + `","scopes":["scope-a","scope-b"]}` + "\n"},
		{"instance/service-accounts/" + email + "/?recursive=true", `{"aliases":["default"],"email":"` + email + `","scopes":["scope-a","scope-b"]}` + "\n"},
		{"project/?recursive=true", `{"numericProjectId":123,"projectId":"local-project"}` + "\n"},
		{"project/project-id", "local-project"},
		{"project/numeric-project-id", "123"},
		{"universe/universe-domain", "googleapis.com"},
	}
	s := newServer(metadata.Vertex404, nil)
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			w := get(s, "/computeMetadata/v1/"+tt.path, google())
			if diff := cmp.Diff(tt.want, w.Body.String()); w.Code != http.StatusOK || diff != "" {
				t.Errorf("got %d (-want +got):\n%s", w.Code, diff)
			}
			if got := w.Header().Get("Metadata-Flavor"); got != "Google" {
				t.Errorf("got Metadata-Flavor %q, want Google", got)
			}
		})
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	forwarded := google()
	forwarded.Set("X-Forwarded-For", "10.0.0.1")
	tests := []struct {
		name   string
		path   string
		header http.Header
		method string
		want   int
	}{
		{name: "the root, to everybody", path: "/", want: 200},
		{name: "without the header", path: "/computeMetadata/v1/project/project-id", want: 403},
		{name: "with another flavour", path: "/computeMetadata/v1/project/project-id", header: http.Header{"Metadata-Flavor": {"Vanilla"}}, want: 403},
		{name: "through a proxy", path: "/computeMetadata/v1/project/project-id", header: forwarded, want: 403},
		{name: "the root through a proxy", path: "/", header: forwarded, want: 403},
		{name: "POST", path: "/computeMetadata/v1/project/project-id", header: google(), method: http.MethodPost, want: 405},
		{name: "unknown value", path: "/computeMetadata/v1/instance/nope", header: google(), want: 404},
		{name: "below a value", path: "/computeMetadata/v1/instance/id/more", header: google(), want: 404},
		{name: "unknown account", path: "/computeMetadata/v1/instance/service-accounts/x@example.com/token", header: google(), want: 404},
		{name: "another version", path: "/computeMetadata/v0/", header: google(), want: 404},
		{name: "a directory without its slash", path: "/computeMetadata/v1/instance", header: google(), want: 301},
		{name: "the top without its slash", path: "/computeMetadata/v1", header: google(), want: 301},
	}
	s := newServer(metadata.ComputeEngine, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			method := tt.method
			if method == "" {
				method = http.MethodGet
			}
			r := httptest.NewRequest(method, tt.path, nil)
			r.Header = tt.header
			if r.Header == nil {
				r.Header = http.Header{}
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != tt.want {
				t.Errorf("got %d, want %d", w.Code, tt.want)
			}
		})
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	w := get(newServer(metadata.Vertex404, nil), "/computeMetadata/v1/instance/service-accounts/default/token?scopes=other", google())
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"access_token": "access " + email + " scope-a,scope-b 1h0m0s", "expires_in": 3599.0, "token_type": "Bearer"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("token (-want +got):\n%s", diff)
	}
	if got := w.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("got content type %q, want application/json", got)
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		mode     metadata.Mode
		query    string
		want     int
		wantBody string
	}{
		{"Vertex AI today", metadata.Vertex404, "?audience=a", 404, "Not Found\n"},
		{"Vertex AI before", metadata.Vertex401, "?audience=a", 401, "Unauthorized\n"},
		{"Compute Engine", metadata.ComputeEngine, "?audience=a", 200, `{"Subject":"789","Audience":"a","Email":"","ComputeEngine":null}`},
		{
			"Compute Engine in full", metadata.ComputeEngine, "?audience=a&format=full", 200,
			`{"Subject":"789","Audience":"a","Email":"` + email + `","ComputeEngine":{"instance_id":"456","instance_name":"vm","project_id":"local-project","project_number":123,"zone":"us-central1-a"}}`,
		},
		{"no audience", metadata.ComputeEngine, "", 400, "non-empty audience parameter required\n"},
		{"unknown format", metadata.ComputeEngine, "?audience=a&format=x", 400, "format must be standard or full\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := get(newServer(tt.mode, nil), "/computeMetadata/v1/instance/service-accounts/default/identity"+tt.query, google())
			if w.Code != tt.want || w.Body.String() != tt.wantBody {
				t.Errorf("got %d %q, want %d %q", w.Code, w.Body, tt.want, tt.wantBody)
			}
		})
	}
}

func TestTokensThatCannotBeMade(t *testing.T) {
	t.Parallel()
	s := newServer(metadata.ComputeEngine, errors.New("no key"))
	for _, path := range []string{"token", "identity?audience=a"} {
		if w := get(s, "/computeMetadata/v1/instance/service-accounts/default/"+path, google()); w.Code != http.StatusInternalServerError {
			t.Errorf("%s: got %d, want 500", path, w.Code)
		}
	}
}

// redirected sends Google's client to the test's server, so that tests need no
// environment variable and can run at once.
type redirected struct{ to *url.URL }

func (r redirected) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Host = r.to.Host
	return http.DefaultTransport.RoundTrip(req)
}

func TestGooglesClient(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newServer(metadata.Vertex404, nil))
	t.Cleanup(server.Close)
	to, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := gcemetadata.NewClient(&http.Client{Transport: redirected{to}})
	texts := []struct {
		name string
		get  func() (string, error)
		want string
	}{
		{"email", func() (string, error) { return client.EmailWithContext(t.Context(), "default") }, email},
		{"email without account", func() (string, error) { return client.EmailWithContext(t.Context(), "") }, email},
		{"project", func() (string, error) { return client.ProjectIDWithContext(t.Context()) }, "local-project"},
		{"project number", func() (string, error) { return client.NumericProjectIDWithContext(t.Context()) }, "123"},
		{"zone", func() (string, error) { return client.ZoneWithContext(t.Context()) }, "us-central1-a"},
		{"instance id", func() (string, error) { return client.InstanceIDWithContext(t.Context()) }, "456"},
		{"universe", func() (string, error) { return client.GetWithContext(t.Context(), "universe/universe-domain") }, "googleapis.com"},
	}
	for _, tt := range texts {
		if got, err := tt.get(); err != nil || got != tt.want {
			t.Errorf("%s: got %q, %v, want %q", tt.name, got, err, tt.want)
		}
	}
	scopes, err := client.ScopesWithContext(t.Context(), "default")
	if diff := cmp.Diff([]string{"scope-a", "scope-b"}, scopes); err != nil || diff != "" {
		t.Errorf("scopes: %v (-want +got):\n%s", err, diff)
	}
	_, err = client.GetWithContext(t.Context(), "instance/service-accounts/default/identity?audience=a")
	if _, ok := errors.AsType[gcemetadata.NotDefinedError](err); !ok {
		t.Errorf("identity: got %v, want a NotDefinedError", err)
	}
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{"", "/", "//", "/instance", "/instance/", "/instance/service-accounts/default/token", "/project/../instance/id"} {
		f.Add(seed)
	}
	s := newServer(metadata.ComputeEngine, nil)
	f.Fuzz(func(t *testing.T, path string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: "/computeMetadata/v1" + path}
		r.Header = google()
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%q: got %d", path, w.Code)
		}
	})
}
