package localgcp

import (
	"net/http"
	"slices"

	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/iamadmin"
	"github.com/authcall/authcall/internal/localgcp/iamcredentials"
	"github.com/authcall/authcall/internal/localgcp/iampolicy"
	"github.com/authcall/authcall/internal/localgcp/secretmanager"
	"github.com/authcall/authcall/internal/localgcp/serviceusage"
)

// addResources serves the APIs about the project, its accounts, secrets and
// services, and the policies of all of them.
func (s *Server) addResources(mux *http.ServeMux) {
	accounts := s.front(iamadmin.Service, iamadmin.Title, iamadmin.Scope)
	credentials := s.front(iamcredentials.Service, iamcredentials.Title, iamcredentials.Scope)
	secrets := s.front(secretmanager.Service, secretmanager.Title)
	s.addAccounts(mux, accounts, credentials)
	s.addSecrets(mux, secrets)
	s.addServicePolicies(mux)
	s.addFunctions(mux)
	s.addProject(mux)
	usage := serviceusage.New(s.front(serviceusage.Service, serviceusage.Title), s.directory, append(s.rpcFronts, accounts, credentials, secrets)...)
	mux.HandleFunc("POST /v1/projects/{project}/services/{call}", s.byID(usage.Enable()))
}

// addAccounts serves the IAM API and the IAM Credentials API, which share paths.
func (s *Server) addAccounts(mux *http.ServeMux, front, credentialsFront *apifront.Front) {
	credentials := iamcredentials.New(credentialsFront, s.directory, s.issuer, s.clock.Now)
	admin := iamadmin.New(front, s.directory)
	policies := iampolicy.Resources{Front: front, Name: iamadmin.Name, Permission: "iam.serviceAccounts", Directory: s.directory}
	const account = "/v1/projects/{project}/serviceAccounts/{call}"
	mux.HandleFunc("POST "+account, func(w http.ResponseWriter, r *http.Request) {
		email, verb, ok := iampolicy.Split(r.PathValue("call"))
		if !ok {
			credentials.ServeHTTP(w, r)
			return
		}
		_, resource, exists := admin.Find(r.PathValue("project"), email)
		policies.Serve(w, r, verb, resource, exists)
	})
	mux.HandleFunc("GET "+account, admin.Get())
	mux.HandleFunc("GET /v1/projects/{project}/serviceAccounts", admin.List())
	mux.HandleFunc("POST /v1/projects/{project}/serviceAccounts", admin.Create())
}

func (s *Server) addSecrets(mux *http.ServeMux, front *apifront.Front) {
	held := map[string]secretmanager.Secret{}
	for _, secret := range s.config.Secrets {
		held[secret.Name] = secretmanager.Secret{Versions: secret.Versions, Disabled: secret.Disabled}
	}
	server := secretmanager.New(secretmanager.Options{
		Front: front, Project: s.config.Project, Number: s.config.ProjectNumber, Secrets: held, Directory: s.directory,
	})
	policies := iampolicy.Resources{Front: front, Name: secretmanager.Name, Permission: "secretmanager.secrets", Directory: s.directory}
	mux.HandleFunc("GET /v1/projects/{project}/secrets/{secret}/versions/{call}", server.Access())
	mux.HandleFunc("GET /v1/projects/{project}/secrets/{secret}/versions", server.List())
	mux.HandleFunc("/v1/projects/{project}/secrets/{call}", withPolicy(policies, func(r *http.Request, name string) (string, bool) {
		return server.Resource(r.PathValue("project"), name)
	}))
}

// addServicePolicies serves the policies of services as Cloud Run and IAP name them:
// both are on what we know by one name.
func (s *Server) addServicePolicies(mux *http.ServeMux) {
	byName := func(_ *http.Request, name string) (string, bool) {
		known := slices.ContainsFunc(s.config.Services, func(service Service) bool { return service.Name == name })
		return s.config.serviceResource(name), known
	}
	add := func(path, service, title, name, permission string) {
		mux.HandleFunc(path, withPolicy(iampolicy.Resources{
			Front: s.front(service, title), Name: name, Permission: permission, Directory: s.directory,
		}, byName))
	}
	add("/v1/projects/{project}/locations/{location}/services/{call}",
		"run.googleapis.com", "Cloud Run Admin API", "google.cloud.run.v1.Services", "run.services")
	add("/v1/projects/{project}/iap_web/{kind}/services/{call}",
		"iap.googleapis.com", "Cloud Identity-Aware Proxy API", "google.cloud.iap.v1.IdentityAwareProxyAdminService", "iap.webServices")
}

// addProject serves the project itself, by its id or number.
func (s *Server) addProject(mux *http.ServeMux) {
	front := s.front("cloudresourcemanager.googleapis.com", "Cloud Resource Manager API")
	const name = "google.cloudresourcemanager.v1.Projects"
	mux.HandleFunc("GET /v1/projects/{project}", front.Handle(name+".GetProject", s.getProject))
	policies := iampolicy.Resources{Front: front, Name: name, Permission: "resourcemanager.projects", Directory: s.directory}
	mux.HandleFunc("POST /v1/projects/{call}", withPolicy(policies, func(_ *http.Request, id string) (string, bool) {
		return s.projectResource(id)
	}))
}

// byID lets a path name the project by its number, too.
func (s *Server) byID(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("project") == s.config.ProjectNumber {
			r.SetPathValue("project", s.config.Project)
		}
		next(w, r)
	}
}

func (s *Server) projectResource(id string) (resource string, exists bool) {
	if id == s.config.ProjectNumber {
		id = s.config.Project
	}
	return "projects/" + id, id == s.config.Project
}

func (s *Server) getProject(caller iam.Principal, r *http.Request) (any, error) {
	resource, exists := s.projectResource(r.PathValue("project"))
	if !exists || !s.directory.Allowed(caller, iam.GetProject, resource) {
		return nil, apierror.PermissionDenied(iam.GetProject)
	}
	return map[string]string{
		"projectId": s.config.Project, "projectNumber": s.config.ProjectNumber, "name": s.config.Project, "lifecycleState": "ACTIVE",
	}, nil
}

// withPolicy answers a path whose last segment, {call}, is a resource's name and a
// verb about its policy.
func withPolicy(policies iampolicy.Resources, find func(r *http.Request, name string) (resource string, exists bool)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name, verb, ok := iampolicy.Split(r.PathValue("call"))
		if !ok {
			apierror.NotFound("Method not found.").Write(w)
			return
		}
		resource, exists := find(r, name)
		policies.Serve(w, r, verb, resource, exists)
	}
}
