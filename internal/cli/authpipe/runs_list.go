package authpipe

import (
	"context"
	"fmt"
	"path"
	"text/tabwriter"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/spf13/cobra"

	"github.com/authcall/authcall/internal/vertex"
)

type runsListOptions struct {
	runsOptions
	// limit is how many runs are listed at the most, the newest.
	limit int
	// filter is in the filter language of the API.
	filter string
}

func newRunsList(f *factory, run func(context.Context, runsListOptions) error) *cobra.Command {
	if run == nil {
		run = func(ctx context.Context, o runsListOptions) error { return listRuns(ctx, f, o) }
	}
	var o runsListOptions
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the newest runs",
		Example: "  authpipe runs list --local\n  authpipe runs list --filter 'state=\"PIPELINE_STATE_FAILED\"' -o json",
		Args:    exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			if o.limit < 1 {
				return usageErrorf("--limit %d: want at least 1", o.limit)
			}
			return run(cmd.Context(), o)
		},
	}
	o.register(cmd.Flags())
	cmd.Flags().IntVar(&o.limit, "limit", 20, "`NUMBER` of runs at the most")
	cmd.Flags().StringVar(&o.filter, "filter", "", "`EXPRESSION` in the API's filter language")
	return cmd
}

func listRuns(ctx context.Context, f *factory, o runsListOptions) error {
	return o.with(ctx, f, func(w *watcher) error {
		jobs, err := vertex.List(ctx, w.session, vertex.ListOptions{Parent: w.venue.parent(), Filter: o.filter, Limit: o.limit})
		if err != nil {
			return w.session.explain(ctx, err)
		}
		if o.output == jsonFormat {
			return printMessage(w.stdout, &aiplatformpb.ListPipelineJobsResponse{PipelineJobs: jobs})
		}
		return w.table(jobs)
	})
}

// table lists runs for people.
func (f *factory) table(jobs []*aiplatformpb.PipelineJob) error {
	if len(jobs) == 0 {
		f.say("no runs")
		return nil
	}
	t := tabwriter.NewWriter(f.stderr, 0, 0, 2, ' ', 0)
	for _, job := range jobs {
		if _, err := fmt.Fprintf(t, "%s\t%s\t%s\n", path.Base(job.GetName()), vertex.StateWord(job.GetState()),
			job.GetCreateTime().AsTime().Local().Format(time.DateTime)); err != nil {
			return err
		}
	}
	return t.Flush()
}
