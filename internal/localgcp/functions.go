package localgcp

import (
	"net/http"
	"slices"
	"strings"

	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/iampolicy"
)

// addFunctions serves the policies of functions: the first version of the API has
// those of the first generation, the second has all, and tells the generation.
func (s *Server) addFunctions(mux *http.ServeMux) {
	front := s.front("cloudfunctions.googleapis.com", "Cloud Functions API")
	policies := func(name string) iampolicy.Resources {
		return iampolicy.Resources{Front: front, Name: name, Permission: "cloudfunctions.functions", Directory: s.directory}
	}
	const functions = "/projects/{project}/locations/{location}/functions/{call}"
	mux.HandleFunc("/v1"+functions, withPolicy(policies("google.cloud.functions.v1.CloudFunctionsService"), func(_ *http.Request, name string) (string, bool) {
		function, ok := s.function(name)
		return s.config.functionResource(function), ok && function.Kind == FunctionGen1
	}))
	const v2 = "google.cloud.functions.v2.FunctionService"
	second := withPolicy(policies(v2), func(_ *http.Request, name string) (string, bool) {
		function, ok := s.function(name)
		return s.config.functionResource(function), ok
	})
	mux.HandleFunc("POST /v2"+functions, second)
	get := s.getFunction(front, v2+".GetFunction")
	mux.HandleFunc("GET /v2"+functions, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.PathValue("call"), ":") {
			second(w, r)
			return
		}
		get(w, r)
	})
}

// function finds a function; one that is not there has the name alone.
func (s *Server) function(name string) (Service, bool) {
	i := slices.IndexFunc(s.config.Services, func(service Service) bool {
		return service.Name == name && (service.Kind == Function || service.Kind == FunctionGen1)
	})
	if i < 0 {
		return Service{Name: name, Kind: Function}, false
	}
	return s.config.Services[i], true
}

// functionResource names what a function's policy is on. Of one of the second
// generation it is not what lets callers in: its Cloud Run service has that.
func (c *Config) functionResource(f Service) string {
	if f.Kind == FunctionGen1 {
		return c.serviceResource(f.Name)
	}
	return c.functionName(f.Name)
}

func (c *Config) functionName(id string) string {
	return "projects/" + c.Project + "/locations/" + c.Region + "/functions/" + id
}

// getFunction shows of a function what gcloud looks at before it changes a policy.
func (s *Server) getFunction(front *apifront.Front, name string) http.HandlerFunc {
	return front.Handle(name, func(caller iam.Principal, r *http.Request) (any, error) {
		function, ok := s.function(r.PathValue("call"))
		resource := s.config.functionName(function.Name)
		switch {
		case !s.directory.Allowed(caller, iam.GetFunction, resource):
			return nil, apierror.PermissionDenied(iam.GetFunction)
		case !ok:
			return nil, apierror.NotFound("Resource '%s' was not found", resource)
		}
		shown := map[string]any{"name": resource, "state": "ACTIVE", "environment": "GEN_1", "url": s.services[function.Name]}
		if function.Kind == Function {
			shown["environment"] = "GEN_2"
			shown["serviceConfig"] = map[string]string{"service": s.config.serviceResource(function.Name), "uri": s.services[function.Name]}
		}
		return shown, nil
	})
}
