package authpipe

import (
	"cmp"
	"context"

	"github.com/authcall/authcall/internal/gapi"
	"github.com/authcall/authcall/internal/sender/rights"
	"github.com/authcall/authcall/internal/version"
)

// oidcEndpoints are where the senders' APIs are, and those about rights; what is
// empty is Google's own.
type oidcEndpoints struct {
	// scheduler, tasks and pubsub are HOST:PORT.
	scheduler, tasks, pubsub string
	// rights are base URLs.
	rights rights.Endpoints
}

func readOIDCEndpoints(getenv func(string) string) oidcEndpoints {
	return oidcEndpoints{
		scheduler: getenv("AUTHPIPE_SCHEDULER_ENDPOINT"),
		tasks:     getenv("AUTHPIPE_TASKS_ENDPOINT"),
		pubsub:    getenv("AUTHPIPE_PUBSUB_ENDPOINT"),
		rights: rights.Endpoints{
			IAM:             getenv("AUTHCALL_IAM_ADMIN_ENDPOINT"),
			ResourceManager: getenv("AUTHPIPE_RESOURCE_MANAGER_ENDPOINT"),
			Run:             getenv("AUTHPIPE_RUN_ENDPOINT"),
			Functions:       getenv("AUTHPIPE_FUNCTIONS_ENDPOINT"),
			IAP:             getenv("AUTHPIPE_IAP_ENDPOINT"),
			PubSub:          getenv("AUTHPIPE_PUBSUB_REST_ENDPOINT"),
			ServiceUsage:    getenv("AUTHPIPE_SERVICE_USAGE_ENDPOINT"),
		},
	}
}

// connection is the way to an API: the given endpoint or Google's address.
func (f *factory) connection(ctx context.Context, variable, given, address string) (gapi.Connection, error) {
	credentials, err := f.credentials(ctx, "")
	if err != nil {
		return gapi.Connection{}, withCure(err, cureCredentials)
	}
	address, err = gapi.Endpoint(cmp.Or(given, address))
	if err != nil {
		return gapi.Connection{}, usageErrorf("%s: %w", variable, err)
	}
	return gapi.Connection{Address: address, Credentials: credentials, UserAgent: userAgent()}, nil
}

func userAgent() string { return "authpipe/" + version.Get().String() }
