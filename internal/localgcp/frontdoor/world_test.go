package frontdoor_test

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/issuer"
)

var update = flag.Bool("update", false, "write the answers to testdata in place of comparing them")

const (
	caller   = "caller@local-project.iam.gserviceaccount.com"
	stranger = "stranger@local-project.iam.gserviceaccount.com"
	service  = "projects/local-project/locations/us-central1/services/hello"
	origin   = "http://127.0.0.1:8080"
	clientID = "client.apps.googleusercontent.com"
)

// world is what the doors stand on: of two accounts, the caller may invoke and
// access the service.
type world struct {
	directory *iam.Directory
	issuer    *issuer.Issuer
}

func newWorld(t testing.TB, more ...iam.Binding) world {
	t.Helper()
	members := []string{"serviceAccount:" + caller}
	d, err := iam.NewDirectory(iam.Config{
		Accounts: []iam.Account{{Email: caller}, {Email: stranger}},
		Bindings: append(more,
			iam.Binding{Role: "roles/run.invoker", Members: members, Resource: service},
			iam.Binding{Role: "roles/iap.httpsResourceAccessor", Members: members, Resource: service}),
		Secret: []byte(strings.Repeat("s", 32)),
	})
	if err != nil {
		t.Fatal(err)
	}
	i, err := issuer.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return world{d, i}
}

func (w world) account(t testing.TB, email string) iam.Principal {
	t.Helper()
	p, ok := w.directory.Lookup(email)
	if !ok {
		t.Fatalf("%s does not exist", email)
	}
	return p
}

// idToken is an ID token of the account, with its email.
func (w world) idToken(t testing.TB, email, audience string) string {
	t.Helper()
	return w.issue(t, issuer.IDToken{Subject: w.account(t, email).ID, Email: email, Audience: audience})
}

func (w world) issue(t testing.TB, want issuer.IDToken) string {
	t.Helper()
	token, err := w.issuer.IDToken(want)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (w world) accessToken(t testing.TB, email string) string {
	t.Helper()
	token, _, err := w.directory.AccessToken(w.account(t, email), []string{iam.CloudPlatform}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// seen is an application that shows what it gets.
type seen struct{ header http.Header }

func (s *seen) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.header = r.Header
	_, _ = w.Write([]byte("the app"))
}

// ask makes one request of a door.
func ask(door http.Handler, method, path string, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	if header != nil {
		r.Header = header
	}
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	return w
}

func bearer(token string) http.Header {
	return http.Header{"Authorization": {"Bearer " + token}}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
