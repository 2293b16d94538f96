package authpipe

import (
	"context"
	"strings"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/spf13/cobra"

	"github.com/authcall/authcall/internal/vertex"
)

type runsLogsOptions struct {
	runOptions
	// task is the name of the task whose log is wanted; empty means all tasks.
	task string
}

const runsLogsHelp = `Prints on stdout what the tasks of a local run have printed. The logs of a run in the cloud
are in Cloud Logging: for every attempt of a task it tells where to see them in the console,
and the command that prints them.

With -o json the document has "logs", each with its "task" and either "file" and "text"
or the "job" of the attempt, the "filter" and the "url".`

func newRunsLogs(f *factory, run func(context.Context, runsLogsOptions) error) *cobra.Command {
	if run == nil {
		run = func(ctx context.Context, o runsLogsOptions) error { return logsOfRun(ctx, f, o) }
	}
	var o runsLogsOptions
	cmd := o.command(&cobra.Command{
		Use:     "logs",
		Short:   "Show what the tasks of a run have printed, or where that is",
		Long:    runsLogsHelp,
		Example: "  authpipe runs logs auth-pipeline-cloudrun-20261124120000-1a2b --local --task call",
	}, nil, func(ctx context.Context) error { return run(ctx, o) })
	cmd.Flags().StringVar(&o.task, "task", "", "`NAME` of the one task, as runs get shows it (default: all)")
	return cmd
}

func logsOfRun(ctx context.Context, f *factory, o runsLogsOptions) error {
	return o.at(ctx, f, func(w *watcher, name string) error {
		job, err := vertex.Get(ctx, w.session, name)
		if err != nil {
			return err
		}
		tasks, err := o.choose(job)
		if err != nil {
			return err
		}
		switch {
		case w.venue.local != nil:
			return w.showLogs(w.localLogs(job, tasks), w.copyLog)
		case w.hasBuckets():
			logs, err := w.bucketLogs(ctx, job, tasks)
			if err != nil {
				return err
			}
			return w.showLogs(logs, w.printLog)
		default:
			return w.showLogs(w.cloudLogs(job, tasks), w.tellLog)
		}
	})
}

// choose finds the tasks whose logs are wanted.
func (o runsLogsOptions) choose(job *aiplatformpb.PipelineJob) ([]*aiplatformpb.PipelineTaskDetail, error) {
	if o.task == "" {
		return steps(job), nil
	}
	var names []string
	for _, task := range steps(job) {
		name := taskPath(job, task)
		if name == o.task {
			return []*aiplatformpb.PipelineTaskDetail{task}, nil
		}
		names = append(names, name)
	}
	return nil, usageErrorf("--task %s: the run has no such task, only %s", o.task, strings.Join(names, ", "))
}
