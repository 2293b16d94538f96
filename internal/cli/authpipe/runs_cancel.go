package authpipe

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/authcall/authcall/internal/vertex"
)

func newRunsCancel(f *factory, run func(context.Context, runOptions) error) *cobra.Command {
	if run == nil {
		run = func(ctx context.Context, o runOptions) error { return cancelRun(ctx, f, o) }
	}
	var o runOptions
	return o.command(&cobra.Command{
		Use:     "cancel",
		Short:   "Begin to end a run",
		Example: "  authpipe runs cancel projects/my-project/locations/us-central1/pipelineJobs/my-run",
	}, nil, func(ctx context.Context) error { return run(ctx, o) })
}

func cancelRun(ctx context.Context, f *factory, o runOptions) error {
	return o.at(ctx, f, func(w *watcher, name string) error {
		if err := vertex.Cancel(ctx, w.session, name); err != nil {
			return err
		}
		job, err := vertex.Get(ctx, w.session, name)
		if err != nil {
			return err
		}
		w.say("cancelling %s; to watch it: %s", o.run, w.command("watch", name))
		return w.print(job)
	})
}
