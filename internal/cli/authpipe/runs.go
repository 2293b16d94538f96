package authpipe

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/authcall/authcall/internal/vertex"
)

// runsOptions are common to all commands about runs.
type runsOptions struct {
	placeFlags
	// output is json or empty.
	output format
}

func newRuns(f *factory) *cobra.Command {
	return newGroup("runs", "Look at runs and end them",
		newRunsList(f, nil), newRunsGet(f, nil), newRunsWatch(f, nil), newRunsLogs(f, nil), newRunsCancel(f, nil), newRunsDelete(f, nil))
}

func (o *runsOptions) register(flags *pflag.FlagSet) {
	o.placeFlags.register(flags)
	o.output.register(flags)
}

// with connects to where the runs are and does something there.
func (o *runsOptions) with(ctx context.Context, f *factory, do func(*watcher) error) (err error) {
	o.local.brief = true
	v, err := f.venue(ctx, o.placeFlags)
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

// runOptions are common to all commands about one run.
type runOptions struct {
	runsOptions
	// run is the id or the resource name of the run.
	run string
}

// command completes a command about one run, whose check says what is wrong with
// the flags that it alone has; nil means nothing.
func (o *runOptions) command(cmd *cobra.Command, check func() error, perform func(context.Context) error) *cobra.Command {
	cmd.Use += " RUN"
	cmd.Args = exactArgs("RUN")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.run = args[0]
		err := o.check()
		if err == nil && check != nil {
			err = check()
		}
		if err == nil && strings.Contains(o.run, "/") && !o.local.on {
			err = o.locate()
		}
		if err != nil {
			return err
		}
		return perform(cmd.Context())
	}
	o.register(cmd.Flags())
	return cmd
}

// locate takes the place of the run from its resource name, which is the only one
// where it can be.
func (o *runOptions) locate() error {
	name, err := vertex.ParseRunName(o.run)
	if err != nil {
		return usageErrorf("RUN: %w, or an id alone", err)
	}
	o.cloud = targetFlags{project: name.Project, location: name.Location}
	return nil
}

// at connects to where the run is and does something with it, by its resource
// name.
func (o *runOptions) at(ctx context.Context, f *factory, do func(w *watcher, name string) error) error {
	return o.with(ctx, f, func(w *watcher) error {
		return w.session.explain(ctx, do(w, w.venue.runName(o.run)))
	})
}
