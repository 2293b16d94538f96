package authpipe

import (
	"context"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/spf13/cobra"

	"github.com/authcall/authcall/internal/vertex"
)

func newRunsDelete(f *factory, run func(context.Context, runOptions) error) *cobra.Command {
	if run == nil {
		run = func(ctx context.Context, o runOptions) error { return deleteRun(ctx, f, o) }
	}
	var o runOptions
	return o.command(&cobra.Command{
		Use:   "delete",
		Short: "Delete the record of a run that has ended",
		Long: "Deletes the record of a run that has ended, without asking. Its artifacts stay where\n" +
			"they are. With -o json the document has the name of the run and nothing else of it.",
		Example: "  authpipe runs delete auth-pipeline-cloudrun-20261124120000-1a2b",
	}, nil, func(ctx context.Context) error { return run(ctx, o) })
}

func deleteRun(ctx context.Context, f *factory, o runOptions) error {
	return o.at(ctx, f, func(w *watcher, name string) error {
		if err := vertex.Delete(ctx, w.session, name); err != nil {
			return err
		}
		w.say("deleted %s; its artifacts stay", o.run)
		return w.print(&aiplatformpb.PipelineJob{Name: name})
	})
}
