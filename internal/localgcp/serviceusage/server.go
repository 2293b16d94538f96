package serviceusage

import (
	"net/http"
	"strings"

	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

// Names of the API.
const (
	Service = "serviceusage.googleapis.com"
	Title   = "Service Usage API"
)

const enableVerb = ":enable"

// Directory knows what callers may do.
type Directory interface {
	Allowed(p iam.Principal, permission, resource string) bool
}

// Server switches on the APIs behind other fronts.
type Server struct {
	front     *apifront.Front
	directory Directory
	apis      map[string]*apifront.Front
}

// New makes the API; apis are those that can be switched on, by their names.
func New(front *apifront.Front, d Directory, apis ...*apifront.Front) *Server {
	s := &Server{front, d, map[string]*apifront.Front{}}
	for _, api := range apis {
		s.apis[api.Service] = api
	}
	return s
}

// Enable answers POST /v1/projects/{project}/services/{call}, where a call is
// API:enable. It is done at once.
func (s *Server) Enable() http.HandlerFunc {
	return s.front.Handle("google.api.serviceusage.v1.ServiceUsage.EnableService", s.enable)
}

func (s *Server) enable(caller iam.Principal, r *http.Request) (any, error) {
	name, ok := strings.CutSuffix(r.PathValue("call"), enableVerb)
	if !ok {
		return nil, apierror.NotFound("Method not found.")
	}
	if !s.directory.Allowed(caller, iam.EnableServices, "projects/"+r.PathValue("project")) {
		return nil, apierror.PermissionDenied(iam.EnableServices)
	}
	api, ok := s.apis[name]
	if !ok {
		return nil, apierror.NotFound("Service '%s' not found.", name)
	}
	api.Enable()
	return map[string]any{
		"name":     "operations/noop.DONE_OPERATION",
		"done":     true,
		"response": map[string]string{"@type": "type.googleapis.com/google.api.serviceusage.v1.EnableServiceResponse"},
	}, nil
}
