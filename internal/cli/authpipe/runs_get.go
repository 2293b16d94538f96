package authpipe

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/authcall/authcall/internal/vertex"
)

type runsGetOptions struct {
	runsOptions
	// run is the id or the resource name of the run.
	run string
}

func newRunsGet(f *factory, run func(context.Context, runsGetOptions) error) *cobra.Command {
	if run == nil {
		run = func(ctx context.Context, o runsGetOptions) error { return getRun(ctx, f, o) }
	}
	var o runsGetOptions
	cmd := &cobra.Command{
		Use:     "get RUN",
		Short:   "Show a run with its tasks",
		Example: "  authpipe runs get auth-pipeline-cloudrun-20261124120000-1a2b --local -o json",
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

func getRun(ctx context.Context, f *factory, o runsGetOptions) error {
	return o.with(ctx, f, func(w *watcher) error {
		job, err := vertex.Get(ctx, w.session, w.venue.runName(o.run))
		if err != nil {
			return w.session.explain(ctx, err)
		}
		w.progress.show(job)
		w.summarize(job)
		if err := w.outcome(job); err != nil && vertex.Ended(job.GetState()) {
			w.say("%v", err) // it is what was asked for, not what went wrong
		}
		return w.print(job)
	})
}
