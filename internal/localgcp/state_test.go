package localgcp

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/localgcp/ownports"
)

func TestLocalPath(t *testing.T) {
	t.Parallel()
	s := &Server{state: state{"/state"}}
	tests := []struct{ uri, want string }{
		{"gs://bucket/a/b", "/state/gcs/bucket/a/b"},
		{"gs://bucket/a/", "/state/gcs/bucket/a"},
		{"gs://bucket", "/state/gcs/bucket"},
		{"gs://", "/state/gcs"},
		{"gs://bucket/../../../etc/passwd", "/state/gcs/etc/passwd"},
		{"gs:///etc/passwd", "/state/gcs/etc/passwd"},
		{"https://example.com/x", ""},
		{"/etc/passwd", ""},
	}
	for _, tt := range tests {
		if got := s.LocalPath(tt.uri); got != filepath.FromSlash(tt.want) {
			t.Errorf("LocalPath(%q) = %q, want %q", tt.uri, got, tt.want)
		}
	}
}

// givenPorts are those of the servers that start again.
var givenPorts ownports.Ports

// ownPorts is the state directory of a server whose ports are free when it has ended.
func ownPorts(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, err := Start(t.Context(), Options{StateDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(), givenPorts.Give(dir, dir)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// view is what others remember of a server.
type view struct {
	env            map[string]string
	keys, callerID string
	token          string
}

func look(t *testing.T, s *Server) view {
	t.Helper()
	caller, err := s.principal(callerAccount)
	if err != nil {
		t.Fatal(err)
	}
	token, err := os.ReadFile(s.accessTokenFile())
	if err != nil {
		t.Fatal(err)
	}
	env := environment(s)
	_, keys := fetch(t, http.MethodGet, env["AUTHCALL_IAM_ENDPOINT"]+"/oauth2/v3/certs", "", nil)
	return view{env: env, keys: keys, callerID: caller.ID, token: string(token)}
}

func TestRestartKeepsAddressesKeysAndIDs(t *testing.T) {
	t.Parallel()
	o := Options{StateDir: ownPorts(t)}
	first, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	before := look(t, first)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := start(t, o)
	after := look(t, second)
	if before.keys != after.keys || before.callerID != after.callerID {
		t.Errorf("got keys %s and id %s, want %s and %s", after.keys, after.callerID, before.keys, before.callerID)
	}
	if p, err := second.directory.Authenticate(before.token); err != nil || p.Email != "developer@example.com" {
		t.Errorf("a token from before the restart is of %q, %v", p.Email, err)
	}
	for name, was := range before.env {
		if is := after.env[name]; is != was {
			t.Errorf("%s: got %s, want %s", name, is, was)
		}
	}
}

func TestTakenPortIsNotForgotten(t *testing.T) {
	t.Parallel()
	o := Options{StateDir: ownPorts(t)}
	first, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	home := first.ServiceURL("hello")
	second, err := Start(t.Context(), o) // beside the first
	if err != nil {
		t.Fatal(err)
	}
	if second.ServiceURL("hello") == home {
		t.Errorf("two servers are at %s", home)
	}
	for _, s := range []*Server{second, first} {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	third := start(t, o).ServiceURL("hello")
	if third != home {
		t.Errorf("got %s after the other server has ended, want %s", third, home)
	}
}

func TestSecretsAreForTheirOwnerAlone(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	err := filepath.WalkDir(s.state.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %s, want nothing for group and others", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestBrokenPortsFileCountsAsNone(t *testing.T) {
	t.Parallel()
	for i, text := range []string{"", "junk", "null", `{"apis":"x"}`, `{"apis":99999999}`} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "ports.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			start(t, Options{StateDir: dir})
			ports, err := state{dir}.ports()
			if port := ports["apis"]; err != nil || port <= 0 || port > 65535 {
				t.Errorf("got ports %v, %v, want good ones in place of %s", ports, err, text)
			}
		})
	}
}

// grant gives a member a role on a resource by its API, as gcloud does.
func grant(t *testing.T, s *Server, resource, role, member string) {
	t.Helper()
	body := fmt.Sprintf(`{"policy": {"bindings": [{"role": %q, "members": [%q]}]}}`, role, member)
	if status, text := fetch(t, http.MethodPost, s.apiURL+resource+":setIamPolicy", body, developer(t, s)); status != http.StatusOK {
		t.Fatalf("%s: got %d %s", resource, status, text)
	}
}

func TestRestartKeepsAccountsAndPolicies(t *testing.T) {
	t.Parallel()
	const (
		project = "/v1/projects/local-project"
		service = project + "/locations/us-central1/services/hello"
		topic   = project + "/topics/news"
		queue   = "/v2/projects/local-project/locations/us-central1/queues/work"
		member  = "serviceAccount:fresh1@local-project.iam.gserviceaccount.com"
	)
	o := Options{StateDir: t.TempDir()}
	first, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, made := range []struct{ method, path, body string }{
		{http.MethodPost, project + "/serviceAccounts", `{"accountId": "fresh1"}`},
		{http.MethodPut, topic, `{}`},
		{http.MethodPost, path.Dir(queue), `{"name": "projects/local-project/locations/us-central1/queues/work"}`},
	} {
		if status, text := fetch(t, made.method, first.apiURL+made.path, made.body, developer(t, first)); status != http.StatusOK {
			t.Fatalf("%s: got %d %s", made.path, status, text)
		}
	}
	for resource, role := range map[string]string{service: "roles/run.invoker", topic: "roles/pubsub.publisher", queue: "roles/cloudtasks.enqueuer"} {
		grant(t, first, resource, role, member)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := start(t, o)
	for method, resource := range map[string]string{http.MethodGet: service, http.MethodPost: queue} {
		status, text := fetch(t, method, second.apiURL+resource+":getIamPolicy", "", developer(t, second))
		if status != http.StatusOK || !strings.Contains(text, member) || strings.Contains(text, callerAccount) {
			t.Errorf("%s: got %d %s, want %s alone", resource, status, text, member)
		}
	}
	fresh, err := second.principal(strings.TrimPrefix(member, "serviceAccount:"))
	if err != nil || !second.directory.Allowed(fresh, "pubsub.topics.publish", strings.TrimPrefix(topic, "/v1/")) {
		t.Errorf("got %v, %v, want that it may publish", fresh, err)
	}
}

func TestAnotherConfigurationThanPoliciesWereSetIn(t *testing.T) {
	t.Parallel()
	o := Options{StateDir: t.TempDir()}
	first, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	grant(t, first, "/v1/projects/local-project/locations/us-central1/services/hello", "roles/run.invoker", "allUsers")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	o.Config = changed(t, "    invokers: [serviceAccount:caller@local-project.iam.gserviceaccount.com]", "    invokers: []")
	var log lines
	o.Log = zerolog.New(&log)
	second := start(t, o)
	if status, _ := fetch(t, http.MethodGet, second.ServiceURL("hello"), "", nil); status != http.StatusForbidden {
		t.Errorf("got %d, want 403, as the configuration says", status)
	}
	if !strings.Contains(log.String(), "services/hello") {
		t.Errorf("got log %s, want that it names the service", log.String())
	}
}
