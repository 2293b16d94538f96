package authpipe

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// runsOptions are common to all commands about runs.
type runsOptions struct {
	// cloud names the project and the region of the runs.
	cloud targetFlags
	// local says that they are those of the local Google.
	local localFlags
	// output is json or empty.
	output format
}

func newRuns(f *factory) *cobra.Command {
	return newGroup("runs", "Look at runs and end them",
		newRunsList(f, nil), newRunsGet(f, nil), newRunsWatch(f, nil), newRunsCancel(f, nil))
}

func (o *runsOptions) register(flags *pflag.FlagSet) {
	o.cloud.register(flags)
	o.local.register(flags)
	o.output.register(flags)
}

func (o *runsOptions) check() error {
	if o.local.on && (o.cloud != targetFlags{}) {
		return usageErrorf("--project and --location do not go with --local, whose configuration names them")
	}
	if !o.local.on && (o.local.config != "" || o.local.stateDir != "") {
		return usageErrorf("--local-config and --state-dir need --local")
	}
	return nil
}

// with connects to where the runs are and does something there.
func (o *runsOptions) with(ctx context.Context, f *factory, do func(*watcher) error) (err error) {
	v, err := f.venue(ctx, o.cloud, o.local)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.close()) }()
	s, err := f.open(ctx, v.target)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	w := newWatcher(f, s, v)
	w.output = o.output
	return do(w)
}
