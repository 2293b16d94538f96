package authpipe

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/gapi"
	"github.com/authcall/authcall/internal/sender"
	"github.com/authcall/authcall/internal/sender/rights"
	"github.com/authcall/authcall/internal/sender/terraform"
)

const oidcHelp = `Sets up Google's senders of HTTP requests so that they call a service with a token of
a service account: Cloud Scheduler at given times, Cloud Tasks one by one from a queue,
Pub/Sub for every message.

What is set up is compared with what is there: a second create with the same settings
changes nothing, and update sends only what differs. Before anything is made, the rights
that it takes are looked at, and the command is shown that mends each one that is
missing; --apply mends them.`

func newOIDC(f *factory) *cobra.Command {
	group := newGroup("oidc", "Set up Scheduler, Tasks and Pub/Sub to call with a token",
		newOIDCScheduler(f), newOIDCTasks(f), newOIDCPubSub(f))
	group.Long = oidcHelp
	return group
}

// oidcClient is what the commands need of the client of a sender's API.
type oidcClient[M proto.Message] interface {
	Get(ctx context.Context, name string) (M, error)
	Create(ctx context.Context, m M) (M, error)
	Update(ctx context.Context, m M, mask []string) (M, error)
	Delete(ctx context.Context, name string) error
	List(ctx context.Context, parent string, limit int) ([]M, error)
	Close() error
}

// oidcKind is what the commands need to know of one sender.
type oidcKind[M proto.Message] struct {
	// command is the name of its group, noun that of what it sets up.
	command, noun string
	api           rights.API
	// admin is the role that may set it up.
	admin string
	// kind compares states.
	kind sender.Kind[M]
	// blank is an empty one of the name.
	blank func(name string) M
	// name is the resource name of an id.
	name func(t target, id string) string
	// parent is what they are listed below.
	parent func(t target) string
	// regional tells whether they are in a location.
	regional bool
	// open connects to the API.
	open func(ctx context.Context, f *factory) (oidcClient[M], error)
	// columns are what a table shows beside the id.
	columns func(M) []string
	// list makes the answer of the API's list of them.
	list func([]M) proto.Message
	// write puts one into a configuration of Terraform.
	write func(file *terraform.File, m M, region string)
	// deadLetters are where one puts what it cannot deliver; it may be nil.
	deadLetters func(m M) *rights.DeadLetters
}

// oidcOptions are common to all commands about senders.
type oidcOptions struct {
	cloud  targetFlags
	output format
}

func (o *oidcOptions) register(flags *pflag.FlagSet, regional bool) {
	flags.StringVar(&o.cloud.project, "project", "", "`ID` of the project (AUTHPIPE_PROJECT, GOOGLE_CLOUD_PROJECT)")
	if regional {
		flags.StringVar(&o.cloud.location, "location", "", "`REGION` of it (AUTHPIPE_LOCATION)")
	}
	o.output.register(flags)
}

// at is where the sender is; one that is global has no location.
func (o *oidcOptions) at(d defaults, regional bool) (target, error) {
	if !regional {
		o.cloud.location = cmp.Or(o.cloud.location, d.Location, "global")
	}
	return o.cloud.target(d)
}

// oidcSession is a connection to a sender's API.
type oidcSession[M proto.Message] struct {
	*factory
	oidcClient[M]
	kind   *oidcKind[M]
	target target
	who    string
}

// with connects to the API and does something there. Its errors are explained.
func (k *oidcKind[M]) with(ctx context.Context, f *factory, t target, do func(*oidcSession[M]) error) error {
	credentials, err := f.credentials(ctx, "")
	if err != nil {
		return withCure(err, cureCredentials)
	}
	client, err := k.open(ctx, f)
	if err != nil {
		return err
	}
	s := &oidcSession[M]{factory: f, oidcClient: client, kind: k, target: t, who: gapi.Principal(ctx, credentials)}
	err = s.explain(do(s))
	if closeErr := client.Close(); err == nil {
		err = closeErr
	}
	return err
}
