package authpipe

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/authcall/authcall/internal/vertex"
)

func newRunsGet(f *factory, run func(context.Context, runOptions) error) *cobra.Command {
	if run == nil {
		run = func(ctx context.Context, o runOptions) error { return getRun(ctx, f, o) }
	}
	var o runOptions
	return o.command(&cobra.Command{
		Use:     "get",
		Short:   "Show a run with its tasks",
		Example: "  authpipe runs get auth-pipeline-cloudrun-20261124120000-1a2b --local -o json",
	}, nil, func(ctx context.Context) error { return run(ctx, o) })
}

func getRun(ctx context.Context, f *factory, o runOptions) error {
	return o.at(ctx, f, func(w *watcher, name string) error {
		job, err := vertex.Get(ctx, w.session, name)
		if err != nil {
			return err
		}
		w.progress.show(job)
		w.summarize(job)
		if err := w.outcome(job); err != nil && vertex.Ended(job.GetState()) {
			w.say("%v", err) // it is what was asked for, not what went wrong
		}
		return w.print(job)
	})
}
