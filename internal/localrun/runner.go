package localrun

import (
	"context"
	"io"
	"maps"
	"slices"
	"sync/atomic"
)

// Runner runs jobs; it can run several at once.
type Runner struct {
	// Launcher starts the container steps.
	Launcher Launcher
	// Paths finds the local files of gs:// URIs.
	Paths Paths
	// Observer is told how tasks fare; it may be nil.
	Observer Observer
	// Output gets what the steps print, line by line with the task in front; it
	// may be nil. The same goes to a file beside each task's outputs.
	Output io.Writer
	// MaxSteps is how many steps of a job run at once; zero means 8.
	MaxSteps int
}

// Paths finds local files.
type Paths interface {
	// LocalPath is the file of a gs:// URI, "" for an URI that has none.
	LocalPath(uri string) string
}

// run is one job on its way.
type run struct {
	*Runner
	job     Job
	tracker *tracker
	eval    *evaluator
	output  *lineSink
	// slots bounds the steps that run at once.
	slots chan struct{}
	// failed is set by the first failure.
	failed atomic.Bool
}

// Run runs a job to its end. It returns nil where the pipeline succeeded, the
// context's cause where that ended it, and otherwise what failed: TaskErrors,
// or what is wrong with the job itself.
func (r *Runner) Run(ctx context.Context, job Job) error {
	eval, err := newEvaluator()
	if err != nil {
		return err
	}
	if err := job.check(eval); err != nil {
		return err
	}
	j := &run{
		Runner:  r,
		job:     job,
		tracker: &tracker{observer: r.Observer},
		eval:    eval,
		output:  &lineSink{out: r.Output},
		slots:   make(chan struct{}, r.maxSteps()),
	}
	return j.root(ctx)
}

func (r *Runner) maxSteps() int {
	const most = 8
	if r.MaxSteps > 0 {
		return r.MaxSteps
	}
	return most
}

// root runs the pipeline as the outermost task.
func (r *run) root(ctx context.Context) error {
	root := r.job.Spec.Root
	outermost := &unit{
		run:       r,
		record:    r.tracker.add(nil, r.job.ID, r.job.Spec.PipelineInfo.Name),
		component: root,
	}
	outermost.inputs.Parameters = make(map[string]any, len(r.job.Parameters))
	maps.Copy(outermost.inputs.Parameters, r.job.Parameters)
	if err := outermost.fill(&outermost.inputs); err != nil {
		outermost.record.end(Failed, Values{}, err)
		return err
	}
	return outermost.perform(ctx, dagBody{root.Dag})
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
