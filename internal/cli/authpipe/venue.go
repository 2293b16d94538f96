package authpipe

import (
	"cmp"
	"context"

	"github.com/authcall/authcall/internal/localgcp"
)

// venue is where a run is to be: the cloud, or the local Google with what only
// it has.
type venue struct {
	target
	// local is nil in the cloud.
	local localGoogle
	// config is that of the local Google, nil in the cloud.
	config *localgcp.Config
	// stateDir is where the local Google keeps its state, empty in the cloud.
	stateDir string
}

// venue finds the target; for a local one it starts it. The caller closes it.
func (f *factory) venue(ctx context.Context, place placeFlags) (*venue, error) {
	if !place.local.on {
		t, err := place.cloud.target(f.defaults)
		return &venue{target: t}, err
	}
	options, err := place.local.options()
	if err != nil {
		return nil, err
	}
	server, err := f.startLocal(ctx, options)
	if err != nil {
		return nil, err
	}
	return &venue{
		target: target{
			project:         options.config.Project,
			location:        options.config.Region,
			endpoint:        server.VertexEndpoint(),
			credentialsFile: server.SubmitterCredentialsFile(),
		},
		local:    server,
		config:   options.config,
		stateDir: options.stateDir,
	}, nil
}

func (v *venue) close() error {
	if v.local == nil {
		return nil
	}
	return v.local.Close()
}

// account is the service account that the steps run as.
func (v *venue) account(given string, d defaults) (string, error) {
	if v.local != nil {
		return cmp.Or(given, v.config.PipelineAccount), nil
	}
	return orDefault("--service-account", given, d.ServiceAccount, "AUTHPIPE_SERVICE_ACCOUNT")
}

// root is the folder for artifacts. The spec's own one comes last.
func (v *venue) root(given string, d defaults, ofSpec string) (string, error) {
	if v.local != nil {
		return cmp.Or(given, ofSpec, localgcp.PipelineRoot), nil
	}
	return orDefault("--pipeline-root", given, cmp.Or(d.PipelineRoot, ofSpec), "AUTHPIPE_PIPELINE_ROOT")
}
