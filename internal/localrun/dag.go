package localrun

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/authcall/authcall/internal/pipelinespec"
)

// dagBody runs the tasks of a DAG, each as soon as the ones before it are done.
type dagBody struct{ dag *pipelinespec.Dag }

// graph is a DAG on its way.
type graph struct {
	around *unit
	nodes  map[string]*node
}

// node is one task of a graph. What it came to may be read once done is closed.
type node struct {
	*unit
	task    *pipelinespec.Task
	done    chan struct{}
	state   State
	outputs Values
	err     error
}

func (d dagBody) perform(ctx context.Context, u *unit) (Values, error) {
	g := &graph{around: u, nodes: make(map[string]*node, len(d.dag.Tasks))}
	for _, name := range sortedKeys(d.dag.Tasks) {
		g.add(name, d.dag.Tasks[name])
	}
	var all sync.WaitGroup
	for _, n := range g.nodes {
		all.Go(func() { g.settle(ctx, n) })
	}
	all.Wait()
	return g.outputs(d.dag), g.failure()
}

func (g *graph) add(name string, task *pipelinespec.Task) {
	u := g.around
	g.nodes[name] = &node{
		unit: &unit{
			run:       u.run,
			record:    u.tracker.add(u.record, name, task.TaskInfo.Name),
			component: u.job.Spec.Components[task.ComponentRef.Name],
			path:      u.child(name),
			exit:      u.exit || task.TriggerPolicy != nil && task.TriggerPolicy.Strategy == pipelinespec.AllUpstreamTasksCompleted,
		},
		task: task,
		done: make(chan struct{}),
	}
}

// settle brings one task from pending to a final state.
func (g *graph) settle(ctx context.Context, n *node) {
	defer close(n.done)
	for _, name := range n.task.Upstream() {
		<-g.nodes[name].done // closes on every way out, cancellation included
	}
	if err := g.trigger(ctx, n); err != nil {
		g.skip(ctx, n, err)
		return
	}
	n.err = n.perform(ctx, n.bodyOf(n.task, n.component))
	n.state, n.outputs = n.record.task.State, n.record.task.Outputs
}

// notTriggered says why a task does not run; reason is nil for a false
// condition.
type notTriggered struct{ reason error }

func (e *notTriggered) Error() string { return fmt.Sprintf("not triggered: %v", e.reason) }

// trigger decides whether a task runs, and finds its inputs. It returns nil, a
// notTriggered, or a failure.
func (g *graph) trigger(ctx context.Context, n *node) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	policy := n.task.TriggerPolicy
	if policy == nil {
		policy = new(pipelinespec.TriggerPolicy)
	}
	if policy.Strategy != pipelinespec.AllUpstreamTasksCompleted {
		if err := g.blocked(n); err != nil {
			return &notTriggered{err}
		}
	}
	inputs, err := g.inputs(n)
	if err != nil {
		return err
	}
	n.unit.inputs = inputs
	if policy.Condition == "" {
		return nil
	}
	holds, err := n.eval.condition(policy.Condition, inputs.Parameters)
	if err == nil && !holds {
		return &notTriggered{}
	}
	return err
}

// blocked says what keeps a task from running that needs all before it to have
// succeeded.
func (g *graph) blocked(n *node) error {
	for _, name := range n.task.Upstream() {
		switch before := g.nodes[name]; before.state {
		case Succeeded, Skipped:
		default:
			return fmt.Errorf("task %s is %s", before.path, before.state)
		}
	}
	if n.job.FailFast && n.failed.Load() && !n.exit {
		return errors.New("another task has failed")
	}
	return nil
}

// skip ends a task that does not run.
func (g *graph) skip(ctx context.Context, n *node, err error) {
	var not *notTriggered
	switch {
	case errors.As(err, &not):
		n.state, err = NotTriggered, not.reason
	case ctx.Err() != nil:
		n.state, n.err = Cancelled, err
	default:
		n.state, n.err = Failed, err
		n.failed.Store(true)
	}
	n.record.end(n.state, Values{}, err)
}

// failure joins what went wrong with the tasks, in the order of their names.
func (g *graph) failure() error {
	var errs []error
	for _, name := range sortedKeys(g.nodes) {
		n := g.nodes[name]
		if n.err != nil {
			errs = append(errs, n.named(n.err))
		}
	}
	return errors.Join(errs...)
}
