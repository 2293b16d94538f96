package authpipe

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/authcall/authcall/internal/vertex"
)

type runsCancelOptions struct {
	runsOptions
	// run is the id or the resource name of the run.
	run string
}

func newRunsCancel(f *factory, run func(context.Context, runsCancelOptions) error) *cobra.Command {
	if run == nil {
		run = func(ctx context.Context, o runsCancelOptions) error { return cancelRun(ctx, f, o) }
	}
	var o runsCancelOptions
	cmd := &cobra.Command{
		Use:     "cancel RUN",
		Short:   "Begin to end a run",
		Example: "  authpipe runs cancel projects/my-project/locations/us-central1/pipelineJobs/my-run",
		Args:    exactArgs("RUN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.run = args[0]
			if err := o.check(); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	o.register(cmd.Flags())
	return cmd
}

func cancelRun(ctx context.Context, f *factory, o runsCancelOptions) error {
	return o.with(ctx, f, func(w *watcher) error {
		name := w.venue.runName(o.run)
		if err := vertex.Cancel(ctx, w.session, name); err != nil {
			return w.session.explain(ctx, err)
		}
		job, err := vertex.Get(ctx, w.session, name)
		if err != nil {
			return w.session.explain(ctx, err)
		}
		w.say("cancelling %s; to watch it: %s", o.run, w.command("watch", name))
		return w.print(job)
	})
}
