package authpipe

import (
	"context"
	"time"

	"github.com/spf13/cobra"
)

type runsWatchOptions struct {
	runOptions
	// timeout bounds the wait; 0 does not.
	timeout time.Duration
}

func newRunsWatch(f *factory, run func(context.Context, runsWatchOptions) error) *cobra.Command {
	if run == nil {
		run = func(ctx context.Context, o runsWatchOptions) error { return watchRun(ctx, f, o) }
	}
	var o runsWatchOptions
	cmd := o.command(&cobra.Command{
		Use:     "watch",
		Short:   "Wait for a run's end; the exit code tells of it",
		Example: "  authpipe runs watch projects/my-project/locations/us-central1/pipelineJobs/my-run --timeout 1h",
	}, o.check, func(ctx context.Context) error { return run(ctx, o) })
	cmd.Flags().DurationVar(&o.timeout, "timeout", 0, "longest wait, as in 90s or 2h (default: none)")
	return cmd
}

func (o *runsWatchOptions) check() error {
	if o.timeout < 0 {
		return usageErrorf("--timeout is negative")
	}
	return nil
}

func watchRun(ctx context.Context, f *factory, o runsWatchOptions) error {
	return o.with(ctx, f, func(w *watcher) error {
		w.timeout = o.timeout
		return w.watch(ctx, w.venue.runName(o.run))
	})
}
