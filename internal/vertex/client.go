package vertex

import (
	"context"
	"fmt"

	aiplatform "cloud.google.com/go/aiplatform/apiv1"
	"golang.org/x/oauth2/google"

	"github.com/authcall/authcall/internal/gapi"
)

// ClientOptions say where the pipeline service is and who calls it.
type ClientOptions struct {
	// Location is the region, as in us-central1; it picks Vertex AI's regional
	// endpoint where Endpoint is empty.
	Location string
	// Endpoint is the HOST or HOST:PORT (443 by default) of another pipeline
	// service; on a loopback address it is spoken to without TLS.
	Endpoint string
	// Credentials authorize the calls; see gapi.FindCredentials.
	Credentials *google.Credentials
	// UserAgent is put in front of the libraries' own.
	UserAgent string
}

// NewClient returns a client of the pipeline service. It sends nothing yet; the
// caller closes it.
func NewClient(ctx context.Context, o ClientOptions) (*aiplatform.PipelineClient, error) {
	address, err := Endpoint(o.Location, o.Endpoint)
	if err != nil {
		return nil, err
	}
	options, err := gapi.Connection{Address: address, Credentials: o.Credentials, UserAgent: o.UserAgent}.Options()
	if err != nil {
		return nil, err
	}
	client, err := aiplatform.NewPipelineClient(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("making a client for %s: %w", address, err)
	}
	return client, nil
}
