package authpipe

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"os"
	"time"

	aiplatform "cloud.google.com/go/aiplatform/apiv1"
	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/googleapis/gax-go/v2"
	"golang.org/x/oauth2/google"
	"golang.org/x/term"

	"github.com/authcall/authcall/internal/gapi"
	"github.com/authcall/authcall/internal/vertex"
)

// factory is what the commands get from the world around them. Tests replace
// any of it.
type factory struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	// color says whether text for people may have colours.
	color bool
	// defaults stand in for flags that are not given.
	defaults defaults
	// oidc is where the senders' APIs are.
	oidc oidcEndpoints
	// now is the clock.
	now func() time.Time
	// bound ends a wait after a time, with a cause: context.WithTimeoutCause.
	bound func(ctx context.Context, longest time.Duration, cause error) (context.Context, context.CancelFunc)
	// http reads pipelines from URLs.
	http *http.Client
	// credentials finds the caller's credentials; see gapi.FindCredentials.
	credentials func(ctx context.Context, file string) (*google.Credentials, error)
	// connect makes a client of a pipeline service.
	connect func(ctx context.Context, o vertex.ClientOptions) (pipelineService, error)
	// startLocal starts the embedded local Google.
	startLocal func(ctx context.Context, o localOptions) (localGoogle, error)
}

// pipelineService is what the commands need of *aiplatform.PipelineClient.
type pipelineService interface {
	vertex.Creator
	CancelPipelineJob(ctx context.Context, req *aiplatformpb.CancelPipelineJobRequest, opts ...gax.CallOption) error
	vertex.Deleter
	ListPipelineJobs(ctx context.Context, req *aiplatformpb.ListPipelineJobsRequest, opts ...gax.CallOption) *aiplatform.PipelineJobIterator
	Close() error
}

// newFactory returns the factory of the real world. It is fit for reporting an
// error even where it returns one.
func newFactory(stdin io.Reader, stdout, stderr io.Writer) (*factory, error) {
	f := &factory{
		stdin:   stdin,
		stdout:  stdout,
		stderr:  stderr,
		color:   isTerminal(stderr) && wantsColor(os.Getenv),
		now:     time.Now,
		bound:   context.WithTimeoutCause,
		http:    &http.Client{},
		connect: connect,
		oidc:    readOIDCEndpoints(os.Getenv),
	}
	f.startLocal = f.startLocalGoogle
	f.credentials = func(ctx context.Context, file string) (*google.Credentials, error) {
		return gapi.FindCredentials(ctx, cmp.Or(file, f.defaults.SubmitterCredentials))
	}
	var err error
	f.defaults, err = readDefaults(os.Getenv)
	return f, err
}

func connect(ctx context.Context, o vertex.ClientOptions) (pipelineService, error) {
	return vertex.NewClient(ctx, o)
}

// wantsColor follows https://no-color.org and the name of terminals that have none.
func wantsColor(getenv func(string) string) bool {
	return getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
