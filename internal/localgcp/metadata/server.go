package metadata

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/issuer"
)

// Instance is what the server tells about the machine.
type Instance struct {
	// Project is the project id, and Number its number.
	Project, Number string
	// Region is the machine's region; its zone is the region's first.
	Region string
	// Name is the machine's name.
	Name string
	// ID is the machine's number.
	ID string
	// Account is the service account that the machine runs under.
	Account iam.Principal
	// Scopes are those of its access tokens; the machine's user cannot change
	// them.
	Scopes []string
	// Mode says what kind of machine it is.
	Mode Mode
	// Universe is the domain of Google's APIs; empty means googleapis.com.
	Universe string
	// Permitted says whether the Kubernetes service account, which the machine
	// really is in mode GKE, has a permission on Account; nil means that it has.
	Permitted func(permission string) bool
	// Start is how the server behaves at first.
	Start Start
}

func (i Instance) zone() string { return i.Region + "-a" }

// AccessTokens makes access tokens.
type AccessTokens interface {
	AccessToken(p iam.Principal, scopes []string, life time.Duration) (string, time.Time, error)
}

// IDTokens signs ID tokens.
type IDTokens interface {
	IDToken(t issuer.IDToken) (string, error)
}

// tokenLife is how long the access tokens are good.
const tokenLife = time.Hour

// Server answers for one instance.
type Server struct {
	instance Instance
	access   AccessTokens
	identity IDTokens
	tree     directory
	begun    begun
}

// New makes the server of an instance.
func New(i Instance, access AccessTokens, identity IDTokens) *Server {
	s := &Server{instance: i, access: access, identity: identity}
	s.tree = s.describe()
	return s
}

// describe lays out all that the server tells, as clients find it by path.
func (s *Server) describe() directory {
	i := s.instance
	account := directory{
		"aliases":  list{"default"},
		"email":    fresh(s.email),
		"identity": dynamic(s.serveIdentity),
		"scopes":   list(i.Scopes),
		"token":    dynamic(s.serveToken),
	}
	return directory{
		"instance": directory{
			"hostname":         text(fmt.Sprintf("%s.%s.c.%s.internal", i.Name, i.zone(), i.Project)),
			"id":               number(i.ID),
			"name":             text(i.Name),
			"region":           text(fmt.Sprintf("projects/%s/regions/%s", i.Number, i.Region)),
			"service-accounts": directory{"default": account, i.Account.Email: account},
			"zone":             text(fmt.Sprintf("projects/%s/zones/%s", i.Number, i.zone())),
		},
		"project":  directory{"numeric-project-id": number(i.Number), "project-id": text(i.Project)},
		"universe": directory{"universe-domain": text(cmp.Or(i.Universe, "googleapis.com"))},
	}
}

const root = "/computeMetadata/v1"

// ServeHTTP answers "/" to everybody, for clients find the server by it, and all
// else only to requests that carry Metadata-Flavor: Google and that no proxy has
// passed on.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Metadata-Flavor", "Google")
	h.Set("Server", "Metadata Server for VM")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("X-Xss-Protection", "0")
	path, known := strings.CutPrefix(r.URL.Path, root)
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	case r.Header.Get("X-Forwarded-For") != "":
		http.Error(w, "a request with the header X-Forwarded-For is refused", http.StatusForbidden)
	case r.URL.Path == "/":
		writeText(w, "computeMetadata/\n")
	case r.Header.Get("Metadata-Flavor") != "Google":
		http.Error(w, "the header Metadata-Flavor: Google is missing", http.StatusForbidden)
	case !known:
		http.NotFound(w, r)
	case s.answers(r.Context()):
		s.tree.serve(w, r, path)
	}
}
