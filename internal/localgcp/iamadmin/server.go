package iamadmin

import (
	"net/http"

	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

// Names of the API.
const (
	Service = "iam.googleapis.com"
	Title   = "Identity and Access Management (IAM) API"
	// Scope opens this API alone.
	Scope = "https://www.googleapis.com/auth/iam"
)

// Name is the API's gRPC name.
const Name = "google.iam.admin.v1.IAM"

// Directory knows the accounts and the policies.
type Directory interface {
	Lookup(emailOrID string) (iam.Principal, bool)
	Allowed(p iam.Principal, permission, resource string) bool
	Accounts(project string) []iam.Principal
	CreateAccount(a iam.Account) (iam.Principal, error)
}

// Server answers the API's calls.
type Server struct {
	front     *apifront.Front
	directory Directory
}

// New makes the API behind its front.
func New(front *apifront.Front, d Directory) *Server { return &Server{front, d} }

// Get answers GET /v1/projects/{project}/serviceAccounts/{call}.
func (s *Server) Get() http.HandlerFunc { return s.front.Handle(Name+".GetServiceAccount", s.get) }

// List answers GET /v1/projects/{project}/serviceAccounts.
func (s *Server) List() http.HandlerFunc { return s.front.Handle(Name+".ListServiceAccounts", s.list) }

// Create answers POST /v1/projects/{project}/serviceAccounts.
func (s *Server) Create() http.HandlerFunc {
	return s.front.Handle(Name+".CreateServiceAccount", s.create)
}

func (s *Server) get(caller iam.Principal, r *http.Request) (any, error) {
	account, resource, ok := s.Find(r.PathValue("project"), r.PathValue("call"))
	if !s.directory.Allowed(caller, iam.GetServiceAccount, resource) {
		return nil, apierror.PermissionDenied(iam.GetServiceAccount)
	}
	if !ok {
		return nil, apierror.NotFound("Unknown service account")
	}
	return show(account), nil
}

func show(account iam.Principal) any {
	return map[string]string{
		"name":           account.Resource(),
		"projectId":      account.Project,
		"uniqueId":       account.ID,
		"email":          account.Email,
		"oauth2ClientId": account.ID,
	}
}

// Find looks an account up in a project, or in any where that is -.
func (s *Server) Find(project, name string) (account iam.Principal, resource string, ok bool) {
	account, ok = s.directory.Lookup(name)
	if ok && account.Kind == iam.ServiceAccount && (project == "-" || project == account.Project) {
		return account, account.Resource(), true
	}
	if project == "-" {
		project, _ = iam.ProjectOf(name)
	}
	return iam.Principal{}, iam.AccountResource(project, name), false
}
