package authpipe

import (
	"context"
	"errors"
	"path"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/oauth2/google"

	"github.com/authcall/authcall/internal/gapi"
	"github.com/authcall/authcall/internal/version"
	"github.com/authcall/authcall/internal/vertex"
)

// target is where runs are and who asks for them: Vertex AI, another service
// like it, or the embedded local one.
type target struct {
	project, location string
	// endpoint is empty for Vertex AI.
	endpoint string
	// credentialsFile is that of a local Google's submitter; empty means
	// Application Default Credentials.
	credentialsFile string
}

func (t target) local() bool { return t.credentialsFile != "" }

// targetFlags are the flags that name a target in the cloud.
type targetFlags struct {
	// project is the id of the project; empty means the default.
	project string
	// location is the region; empty means the default.
	location string
}

func (t *targetFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&t.project, "project", "", "`ID` of the project (AUTHPIPE_PROJECT, GOOGLE_CLOUD_PROJECT)")
	flags.StringVar(&t.location, "location", "", "`REGION` of the run (AUTHPIPE_LOCATION)")
}

// target completes the flags from the defaults and tells what is missing.
func (t targetFlags) target(d defaults) (target, error) {
	project, projectErr := orDefault("--project", t.project, d.Project, "AUTHPIPE_PROJECT or GOOGLE_CLOUD_PROJECT")
	location, locationErr := orDefault("--location", t.location, d.Location, "AUTHPIPE_LOCATION")
	return target{project: project, location: location, endpoint: d.VertexEndpoint}, errors.Join(projectErr, locationErr)
}

func orDefault(flag, given, fallback, variable string) (string, error) {
	switch {
	case given != "":
		return given, nil
	case fallback != "":
		return fallback, nil
	default:
		return "", usageErrorf("%s is missing: give it or set %s", flag, variable)
	}
}

// session is a connection to a target.
type session struct {
	pipelineService
	target      target
	credentials *google.Credentials
}

func (f *factory) open(ctx context.Context, t target) (*session, error) {
	credentials, err := f.credentials(ctx, t.credentialsFile)
	if err != nil {
		return nil, withCure(err, cureCredentials)
	}
	client, err := f.connect(ctx, vertex.ClientOptions{
		Location:    t.location,
		Endpoint:    t.endpoint,
		Credentials: credentials,
		UserAgent:   "authpipe/" + version.Get().String(),
	})
	if err != nil {
		return nil, &usageError{err}
	}
	return &session{pipelineService: client, target: t, credentials: credentials}, nil
}

// principal names the caller as policies do; empty where it is not known.
func (s *session) principal(ctx context.Context) string {
	return gapi.Principal(ctx, s.credentials)
}

// at says where the service is.
func (t target) at() string {
	address, err := vertex.Endpoint(t.location, t.endpoint)
	if err != nil { // it would not have been called
		return ""
	}
	return " at " + address
}

// runName completes a run's id to its resource name.
func (t target) runName(idOrName string) string {
	if strings.Contains(idOrName, "/") {
		return idOrName
	}
	return t.parent() + "/pipelineJobs/" + idOrName
}

func (t target) parent() string {
	return path.Join("projects", t.project, "locations", t.location)
}
