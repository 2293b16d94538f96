package iamadmin

import (
	"net/http"
	"strings"

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

const testPermissionsVerb = ":testIamPermissions"

// Directory knows the accounts and the policies.
type Directory interface {
	Lookup(emailOrID string) (iam.Principal, bool)
	Allowed(p iam.Principal, permission, resource string) bool
}

// Server answers the API's calls.
type Server struct {
	front     *apifront.Front
	directory Directory
}

// New makes the API behind its front.
func New(front *apifront.Front, d Directory) *Server { return &Server{front, d} }

// Serves says whether a POST on the last segment of an account's path is one of
// this API's methods.
func Serves(call string) bool { return strings.HasSuffix(call, testPermissionsVerb) }

// Get answers GET /v1/projects/{project}/serviceAccounts/{call}.
func (s *Server) Get() http.HandlerFunc {
	return s.front.Handle("google.iam.admin.v1.GetServiceAccount", s.get)
}

// TestPermissions answers POST /v1/projects/{project}/serviceAccounts/{call}
// where Serves the call.
func (s *Server) TestPermissions() http.HandlerFunc {
	return s.front.Handle("google.iam.admin.v1.TestIamPermissions", s.testPermissions)
}

func (s *Server) get(caller iam.Principal, r *http.Request) (any, error) {
	account, resource, ok := s.find(r.PathValue("project"), r.PathValue("call"))
	if !s.directory.Allowed(caller, iam.GetServiceAccount, resource) {
		return nil, apierror.PermissionDenied(iam.GetServiceAccount)
	}
	if !ok {
		return nil, apierror.NotFound("Unknown service account")
	}
	return map[string]string{
		"name":           account.Resource(),
		"projectId":      account.Project,
		"uniqueId":       account.ID,
		"email":          account.Email,
		"oauth2ClientId": account.ID,
	}, nil
}

type permissions struct {
	Permissions []string `json:"permissions,omitempty"`
}

// testPermissions tells which of the permissions the caller has. Nobody has any
// on an account that does not exist.
func (s *Server) testPermissions(caller iam.Principal, r *http.Request) (any, error) {
	var asked, held permissions
	if err := apifront.Decode(r, &asked); err != nil {
		return nil, err
	}
	name := strings.TrimSuffix(r.PathValue("call"), testPermissionsVerb)
	_, resource, ok := s.find(r.PathValue("project"), name)
	for _, p := range asked.Permissions {
		if ok && s.directory.Allowed(caller, p, resource) {
			held.Permissions = append(held.Permissions, p)
		}
	}
	return held, nil
}

// find looks an account up in a project, or in any where that is -.
func (s *Server) find(project, name string) (account iam.Principal, resource string, ok bool) {
	account, ok = s.directory.Lookup(name)
	if ok && account.Kind == iam.ServiceAccount && (project == "-" || project == account.Project) {
		return account, account.Resource(), true
	}
	if project == "-" {
		project, _ = iam.ProjectOf(name)
	}
	return iam.Principal{}, iam.AccountResource(project, name), false
}
