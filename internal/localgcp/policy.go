package localgcp

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

// directory makes the principals and policies that the configuration declares.
func (c *Config) directory(secret []byte, now func() time.Time) (*iam.Directory, error) {
	declared := iam.Config{Users: c.Users, Workloads: c.workloads(), Secret: secret, Now: now}
	for _, a := range c.Accounts {
		project, ok := iam.ProjectOf(a.Email)
		if !ok {
			project = c.Project
		}
		declared.Accounts = append(declared.Accounts, iam.Account{Email: a.Email, Project: project})
	}
	for _, name := range serviceagent.Names() {
		declared.Accounts = append(declared.Accounts, iam.Account{Email: serviceagent.Email(name, c.ProjectNumber)})
	}
	for _, b := range c.Bindings {
		resource, err := c.resource(b.Resource)
		if err != nil {
			return nil, err
		}
		declared.Bindings = append(declared.Bindings, iam.Binding{Role: b.Role, Members: b.Members, Resource: resource})
	}
	for _, s := range c.Services {
		declared.Bindings = append(declared.Bindings, iam.Binding{Role: s.role(), Members: s.members(), Resource: c.serviceResource(s.Name)})
	}
	for _, s := range c.Secrets {
		declared.Bindings = append(declared.Bindings, iam.Binding{
			Role: "roles/secretmanager.secretAccessor", Members: s.Accessors, Resource: c.secretResource(s.Name),
		})
	}
	return iam.NewDirectory(declared)
}

// podMember is the Kubernetes service account as policies name it.
func (c *Config) podMember() string {
	return fmt.Sprintf("serviceAccount:%s.svc.id.goog[%s]", c.Project, c.KubernetesAccount)
}

func (s Service) role() string {
	switch s.Kind {
	case IAP:
		return "roles/iap.httpsResourceAccessor"
	case FunctionGen1:
		return "roles/cloudfunctions.invoker"
	}
	return "roles/run.invoker"
}

// resource turns the name of a binding's resource into a full one.
func (c *Config) resource(name string) (string, error) {
	collection, id, _ := strings.Cut(name, "/")
	switch {
	case name == "":
		return "projects/" + c.Project, nil
	case collection == "serviceAccounts" && emailPattern().MatchString(id):
		project, ok := iam.ProjectOf(id)
		if !ok {
			project = c.Project
		}
		return iam.AccountResource(project, id), nil
	case collection == "services" && slices.ContainsFunc(c.Services, func(s Service) bool { return s.Name == id }):
		return c.serviceResource(id), nil
	case collection == "secrets" && slices.ContainsFunc(c.Secrets, func(s Secret) bool { return s.Name == id }):
		return c.secretResource(id), nil
	}
	return "", fmt.Errorf("got %q, want serviceAccounts/EMAIL, services/NAME or secrets/NAME of a declared one, or none for the project", name)
}

func (c *Config) secretResource(name string) string {
	return fmt.Sprintf("projects/%s/secrets/%s", c.Project, name)
}

func (c *Config) serviceResource(name string) string {
	return fmt.Sprintf("projects/%s/locations/%s/services/%s", c.Project, c.Region, name)
}

// scopesOf are the scopes of an account's tokens from its metadata server.
func (c *Config) scopesOf(email string) []string {
	for _, a := range c.Accounts {
		if a.Email == email && len(a.Scopes) > 0 {
			return a.Scopes
		}
	}
	return []string{iam.CloudPlatform}
}

// front is what stands before an API of the project.
func (s *Server) front(service, title string, scopes ...string) *apifront.Front {
	c := s.config
	var ordered []apifront.Fault
	for _, f := range c.Faults {
		if f.API == service {
			ordered = append(ordered, apifront.Fault{Method: f.Method, Code: f.Code, Times: f.Times, RetryAfter: f.retryAfter(), Shape: f.Shape})
		}
	}
	return &apifront.Front{
		Service:  service,
		Title:    title,
		Project:  c.ProjectNumber,
		Scopes:   scopes,
		Disabled: slices.Contains(c.DisabledAPIs, service),
		Faults:   apifront.NewFaults(ordered...),
		Callers:  s.directory,
		MayUse: func(caller iam.Principal, project string) bool {
			return s.directory.Allowed(caller, iam.UseServices, "projects/"+project)
		},
	}
}
