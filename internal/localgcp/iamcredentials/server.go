package iamcredentials

import (
	"net/http"
	"strings"
	"time"

	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/issuer"
)

// Names of the API.
const (
	Service = "iamcredentials.googleapis.com"
	Title   = "IAM Service Account Credentials API"
	// Scope opens this API alone.
	Scope = "https://www.googleapis.com/auth/iam"
)

// Server answers the API's calls.
type Server struct {
	front     *apifront.Front
	directory *iam.Directory
	issuer    *issuer.Issuer
	now       func() time.Time
}

// New makes the API behind its front; the clock now is time.Now where nil.
func New(front *apifront.Front, d *iam.Directory, i *issuer.Issuer, now func() time.Time) *Server {
	if now == nil {
		now = time.Now
	}
	return &Server{front: front, directory: d, issuer: i, now: now}
}

// request is the body of one call.
type request interface {
	// chain are the accounts to delegate through.
	chain() []string
	// validate refuses what no permission could make good.
	validate() error
	// run does what is asked for as the account.
	run(s *Server, account iam.Principal) (any, error)
}

// method is one verb of the API.
type method struct {
	name       string
	permission string
	newRequest func() request
}

// methodOf finds the method by the verb in the URL.
func methodOf(verb string) (method, bool) {
	switch verb {
	case "generateIdToken":
		return method{"GenerateIdToken", iam.GetOpenIDToken, func() request { return &idTokenRequest{} }}, true
	case "generateAccessToken":
		return method{"GenerateAccessToken", iam.GetAccessToken, func() request { return &accessTokenRequest{} }}, true
	case "signJwt":
		return method{"SignJwt", iam.SignJWT, func() request { return &signJWTRequest{} }}, true
	case "signBlob":
		return method{"SignBlob", iam.SignBlob, func() request { return &signBlobRequest{} }}, true
	}
	return method{}, false
}

// ServeHTTP answers POST /v1/projects/{project}/serviceAccounts/{call}, where a
// call is ACCOUNT:VERB and the project must be -.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	account, verb, _ := strings.Cut(r.PathValue("call"), ":")
	m, ok := methodOf(verb)
	if !ok {
		apierror.NotFound("Method not found.").Write(w)
		return
	}
	name := "google.iam.credentials.v1.IAMCredentials." + m.name
	s.front.Handle(name, func(caller iam.Principal, r *http.Request) (any, error) {
		return s.call(m, caller, account, r)
	})(w, r)
}

func (s *Server) call(m method, caller iam.Principal, account string, r *http.Request) (any, error) {
	if project := r.PathValue("project"); project != "-" {
		return nil, apierror.InvalidArgument("Invalid resource name: the project must be '-', got '%s'.", project)
	}
	body := m.newRequest()
	if err := apifront.Decode(r, body); err != nil {
		return nil, err
	}
	if err := checkAccountName(account); err != nil {
		return nil, err
	}
	if err := body.validate(); err != nil {
		return nil, err
	}
	target, err := s.authorize(caller, body.chain(), m.permission, account)
	if err != nil {
		return nil, err
	}
	return body.run(s, target)
}

// checkAccountName wants an email or a numeric id.
func checkAccountName(account string) error {
	if strings.Contains(account, "@") || account != "" && strings.Trim(account, "0123456789") == "" {
		return nil
	}
	return apierror.InvalidArgument("Invalid form of account ID %s. Should be [Gaia ID |Email |Unique ID |] of the account", account)
}

func missing(account string) error {
	return apierror.NotFound("Not found; Gaia id not found for email %s", account)
}
