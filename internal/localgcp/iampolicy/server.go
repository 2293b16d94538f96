package iampolicy

import (
	"errors"
	"net/http"
	"strings"

	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

// Directory holds the policies.
type Directory interface {
	Allowed(p iam.Principal, permission, resource string) bool
	Policy(resource string) iam.Policy
	SetPolicy(resource string, p iam.Policy, etag string) (iam.Policy, error)
}

// Resources are those of one API that have policies.
type Resources struct {
	// Front stands before the API.
	Front *apifront.Front
	// Name is the API's gRPC name, as errors show it.
	Name string
	// Permission is what the permissions on its policies begin with, such as
	// run.services.
	Permission string
	// Directory holds the policies.
	Directory Directory
}

// Verbs of the last segment of a path.
const (
	get  = ":getIamPolicy"
	set  = ":setIamPolicy"
	test = ":testIamPermissions"
)

// Split takes the verb off the last segment of a path; ok is false where it is
// none about policies.
func Split(call string) (name, verb string, ok bool) {
	name, verb, _ = strings.Cut(call, ":")
	verb = ":" + verb
	return name, verb, verb == get || verb == set || verb == test
}

// Serve answers a request with a verb of Split about a resource. Where the
// resource does not exist, nobody has a permission on it but by the project.
func (s Resources) Serve(w http.ResponseWriter, r *http.Request, verb, resource string, exists bool) {
	name, method := "GetIamPolicy", s.get
	switch verb {
	case set:
		name, method = "SetIamPolicy", s.set
	case test:
		name, method = "TestIamPermissions", s.test
	}
	s.Front.Handle(s.Name+"."+name, func(caller iam.Principal, r *http.Request) (any, error) {
		return method(caller, r, target{resource, exists})
	})(w, r)
}

// changed answers a change of a policy that is no longer the one that was read.
const changed = "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff."

type target struct {
	resource string
	exists   bool
}

// policy is how the APIs show one.
type policy struct {
	Version  int       `json:"version,omitempty"`
	ETag     string    `json:"etag,omitempty"`
	Bindings []binding `json:"bindings,omitempty"`
}

type binding struct {
	Role    string   `json:"role"`
	Members []string `json:"members"`
}

func show(p iam.Policy) policy {
	shown := policy{Version: 1, ETag: p.ETag()}
	for _, b := range p.Bindings {
		shown.Bindings = append(shown.Bindings, binding{b.Role, b.Members})
	}
	return shown
}

func (s Resources) permit(caller iam.Principal, verb string, t target) error {
	permission := s.Permission + "." + verb
	if !s.Directory.Allowed(caller, permission, t.resource) {
		return apierror.PermissionDenied(permission)
	}
	if !t.exists {
		return apierror.NotFound("%s does not exist.", t.resource)
	}
	return nil
}

func (s Resources) get(caller iam.Principal, _ *http.Request, t target) (any, error) {
	if err := s.permit(caller, "getIamPolicy", t); err != nil {
		return nil, err
	}
	return show(s.Directory.Policy(t.resource)), nil
}

func (s Resources) set(caller iam.Principal, r *http.Request, t target) (any, error) {
	var asked struct {
		Policy     policy `json:"policy"`
		UpdateMask string `json:"updateMask"`
	}
	if err := apifront.Decode(r, &asked); err != nil {
		return nil, err
	}
	if err := s.permit(caller, "setIamPolicy", t); err != nil {
		return nil, err
	}
	wanted := iam.Policy{}
	for _, b := range asked.Policy.Bindings {
		wanted.Bindings = append(wanted.Bindings, iam.Binding{Role: b.Role, Members: b.Members})
	}
	done, err := s.Directory.SetPolicy(t.resource, wanted, asked.Policy.ETag)
	switch {
	case errors.Is(err, iam.ErrChanged):
		return nil, &apierror.Error{Code: http.StatusConflict, Status: "ABORTED", Message: changed}
	case errors.Is(err, iam.ErrNotKept):
		return nil, err
	case err != nil:
		return nil, apierror.InvalidArgument("%v", err)
	}
	return show(done), nil
}

type permissions struct {
	Permissions []string `json:"permissions,omitempty"`
}

// test tells which of the permissions the caller has. Nobody has any on a
// resource that does not exist.
func (s Resources) test(caller iam.Principal, r *http.Request, t target) (any, error) {
	var asked, held permissions
	if err := apifront.Decode(r, &asked); err != nil {
		return nil, err
	}
	for _, p := range asked.Permissions {
		if t.exists && s.Directory.Allowed(caller, p, t.resource) {
			held.Permissions = append(held.Permissions, p)
		}
	}
	return held, nil
}
