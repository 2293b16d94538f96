package localrun

import (
	"context"
	"errors"
	"fmt"

	"github.com/authcall/authcall/internal/pipelinespec"
)

// unit is one task with its inputs, ready to be performed.
type unit struct {
	*run
	record    *record
	component *pipelinespec.Component
	// path is the way to the task from the pipeline, "" for the pipeline.
	path   string
	inputs Values
	// exit says that the task is an exit handler or part of one: it runs after
	// failures too.
	exit bool
	// attempt counts from 0; retries says whether there may be more than one.
	attempt int
	retries bool
}

// body is what a task does: a kind of component, or a policy around another
// body.
type body interface {
	perform(ctx context.Context, u *unit) (Values, error)
}

// bodyOf builds the body of a task from the component and the task's policies.
func (r *run) bodyOf(task *pipelinespec.Task, component *pipelinespec.Component) body {
	var b body
	executor := r.job.Spec.DeploymentSpec.Executors[component.ExecutorLabel]
	switch {
	case component.Dag != nil:
		b = dagBody{component.Dag}
	case executor.Importer != nil:
		b = importerBody{executor.Importer}
	default:
		b = containerBody{executor.Container}
	}
	if task.RetryPolicy != nil && task.RetryPolicy.MaxRetryCount > 0 {
		b = retryBody{b, *task.RetryPolicy}
	}
	if task.ParameterIterator != nil {
		b = loopBody{b, task}
	}
	return b
}

// perform runs a body from Running to a final state, and returns why it did not
// succeed.
func (u *unit) perform(ctx context.Context, b body) error {
	u.record.start(u.inputs)
	outputs, err := b.perform(ctx, u)
	switch {
	case err == nil:
		u.record.end(Succeeded, outputs, nil)
	case ctx.Err() != nil:
		err = context.Cause(ctx)
		u.record.end(Cancelled, outputs, err)
	default:
		u.failed.Store(true)
		u.record.end(Failed, outputs, err)
	}
	return err
}

// named wraps the error of a task with its path. The errors of the tasks inside
// another are named already.
func (u *unit) named(err error) error {
	if _, inner := errors.AsType[*TaskError](err); inner || err == nil {
		return err
	}
	return &TaskError{Task: u.path, Err: err}
}

// child is the path of a task inside this one.
func (u *unit) child(name string) string {
	if u.path == "" {
		return name
	}
	return u.path + "/" + name
}

// uri is the directory of the task's outputs.
func (u *unit) uri() string {
	if u.path == "" {
		return u.job.directory()
	}
	return u.job.directory() + "/" + u.path
}

// fill adds defaults to inputs and gives each the declared type.
func (u *unit) fill(inputs *Values) error {
	var errs []error
	for _, name := range sortedKeys(u.component.InputParameters()) {
		declared := u.component.InputParameters()[name]
		value, given := inputs.Parameters[name]
		if !given {
			if declared.DefaultValue == nil {
				if declared.Required() {
					errs = append(errs, fmt.Errorf("input %q: got nothing, want %s", name, declared.ParameterType))
				}
				continue
			}
			value = u.replaceJob(declared.DefaultValue)
		}
		value, err := coerce(value, declared.ParameterType)
		if err != nil {
			errs = append(errs, fmt.Errorf("input %q: %w", name, err))
			continue
		}
		inputs.Parameters[name] = value
	}
	return errors.Join(errs...)
}
