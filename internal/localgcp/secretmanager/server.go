package secretmanager

import (
	"fmt"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"

	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

// Names of the API.
const (
	Service = "secretmanager.googleapis.com"
	Title   = "Secret Manager API"
	// Name is the API's gRPC name.
	Name = "google.cloud.secretmanager.v1.SecretManagerService"
)

const listVersions = "secretmanager.versions.list"

// Secret is a secret with its versions, of which the first has the number 1.
type Secret struct {
	// Versions are the payloads.
	Versions []string
	// Disabled are the numbers of versions that cannot be read.
	Disabled []int
}

// Directory knows what callers may do.
type Directory interface {
	Allowed(p iam.Principal, permission, resource string) bool
}

// Options are what a Server serves.
type Options struct {
	// Front stands before the API.
	Front *apifront.Front
	// Project and Number are the project's id and number; names may hold either.
	Project, Number string
	// Secrets are the project's secrets by their ids.
	Secrets map[string]Secret
	// Directory holds the policies.
	Directory Directory
}

// Server answers for one project.
type Server struct{ Options }

// New makes the API.
func New(o Options) *Server { return &Server{o} }

// Resource is the secret's name, on which its policy is. It is told where a
// project is named that is none of ours, too.
func (s *Server) Resource(project, id string) (resource string, exists bool) {
	if project == s.Number {
		project = s.Project
	}
	_, exists = s.Secrets[id]
	return fmt.Sprintf("projects/%s/secrets/%s", project, id), exists && project == s.Project
}

// Access answers GET /v1/projects/{project}/secrets/{secret}/versions/{call},
// where a call is VERSION:access.
func (s *Server) Access() http.HandlerFunc {
	return s.Front.Handle(Name+".AccessSecretVersion", s.access)
}

// List answers GET /v1/projects/{project}/secrets/{secret}/versions.
func (s *Server) List() http.HandlerFunc { return s.Front.Handle(Name+".ListSecretVersions", s.list) }

func (s *Server) access(caller iam.Principal, r *http.Request) (any, error) {
	version, verb, _ := strings.Cut(r.PathValue("call"), ":")
	if verb != "access" {
		return nil, apierror.NotFound("Method not found.")
	}
	id := r.PathValue("secret")
	resource, exists := s.Resource(r.PathValue("project"), id)
	if !s.Directory.Allowed(caller, iam.AccessSecret, resource) {
		return nil, denied(iam.AccessSecret, resource+"/versions/"+version)
	}
	if !exists || len(s.Secrets[id].Versions) == 0 {
		return nil, apierror.NotFound("Secret [%s] not found or has no versions.", s.numbered(id))
	}
	number, payload, err := s.find(id, version)
	if err != nil {
		return nil, err
	}
	sum := crc32.Checksum([]byte(payload), crc32.MakeTable(crc32.Castagnoli))
	return map[string]any{
		"name":    fmt.Sprintf("%s/versions/%d", s.numbered(id), number),
		"payload": map[string]any{"data": []byte(payload), "dataCrc32c": strconv.FormatUint(uint64(sum), 10)},
	}, nil
}

// find gets a version by its number or as latest.
func (s *Server) find(id, version string) (number int, payload string, err error) {
	secret := s.Secrets[id]
	number = len(secret.Versions)
	if version != "latest" {
		if number, err = strconv.Atoi(version); err != nil {
			return 0, "", apierror.InvalidArgument("The provided Secret Version ID [%s/versions/%s] does not match the expected format.", s.numbered(id), version)
		}
	}
	if number < 1 || number > len(secret.Versions) {
		return 0, "", apierror.NotFound("Secret Version [%s/versions/%s] not found.", s.numbered(id), version)
	}
	if secret.disabled(number) {
		return 0, "", &apierror.Error{Code: http.StatusBadRequest, Status: "FAILED_PRECONDITION",
			Message: fmt.Sprintf("Secret Version [%s/versions/%d] is in DISABLED state.", s.numbered(id), number)}
	}
	return number, secret.Versions[number-1], nil
}

func (s Secret) disabled(number int) bool {
	for _, d := range s.Disabled {
		if d == number {
			return true
		}
	}
	return false
}

func (s *Server) list(caller iam.Principal, r *http.Request) (any, error) {
	id := r.PathValue("secret")
	resource, exists := s.Resource(r.PathValue("project"), id)
	if !s.Directory.Allowed(caller, listVersions, resource) {
		return nil, denied(listVersions, resource)
	}
	if !exists {
		return nil, apierror.NotFound("Secret [%s] not found.", s.numbered(id))
	}
	versions := []any{}
	secret := s.Secrets[id]
	for n := len(secret.Versions); n > 0; n-- {
		state := "ENABLED"
		if secret.disabled(n) {
			state = "DISABLED"
		}
		versions = append(versions, map[string]string{"name": fmt.Sprintf("%s/versions/%d", s.numbered(id), n), "state": state})
	}
	return map[string]any{"versions": versions, "totalSize": len(versions)}, nil
}

// numbered is a secret as the API shows it, with the project's number.
func (s *Server) numbered(id string) string {
	return fmt.Sprintf("projects/%s/secrets/%s", s.Number, id)
}

// denied names the resource, as this API does.
func denied(permission, resource string) error {
	e := apierror.PermissionDenied(permission)
	e.Message = fmt.Sprintf("Permission '%s' denied for resource '%s' (or it may not exist).", permission, resource)
	return e
}
