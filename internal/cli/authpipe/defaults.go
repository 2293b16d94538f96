package authpipe

import (
	"cmp"

	"github.com/kelseyhightower/envconfig"
)

// defaults are read from the environment, as AUTHPIPE_ and the field's name in
// capitals, and stand in for flags that are not given. With --local they count
// for nothing: a local run must not depend on where else one works.
type defaults struct {
	// Project is also read from GOOGLE_CLOUD_PROJECT and then
	// CLOUDSDK_CORE_PROJECT, as Google's own tools do.
	Project string `split_words:"true"`
	// Location is the region, as in us-central1.
	Location string `split_words:"true"`
	// PipelineRoot is a gs:// folder.
	PipelineRoot string `split_words:"true"`
	// ServiceAccount is the email of the account that steps run as.
	ServiceAccount string `split_words:"true"`
	// VertexEndpoint is the HOST:PORT of another pipeline service than Vertex
	// AI's own.
	VertexEndpoint string `split_words:"true"`
	// LocalEndpoint is the URL of a running local Google.
	LocalEndpoint string `split_words:"true"`
	// SubmitterCredentials is an authorized_user file to use in place of
	// Application Default Credentials: with the environment of a local Google one
	// is its developer, though its machine is there as well.
	SubmitterCredentials string `split_words:"true"`
	// KeysURL is where the keys are that sign ID tokens, where these are not
	// Google's.
	KeysURL string `split_words:"true"`
	// Port is what a server listens on; it is read from PORT, as Cloud Run sets it.
	Port string `ignored:"true"`
	// StorageEmulator stands in for Cloud Storage, a host or a URL; it is read
	// from STORAGE_EMULATOR_HOST, as Google's own libraries do.
	StorageEmulator string `ignored:"true"`
}

func readDefaults(getenv func(string) string) (defaults, error) {
	var d defaults
	if err := envconfig.Process("authpipe", &d); err != nil {
		return defaults{}, usageErrorf("environment: %w", err)
	}
	d.Project = cmp.Or(d.Project, getenv("GOOGLE_CLOUD_PROJECT"), getenv("CLOUDSDK_CORE_PROJECT"))
	d.Port = getenv("PORT")
	d.StorageEmulator = getenv("STORAGE_EMULATOR_HOST")
	return d, nil
}
