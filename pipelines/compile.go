package pipelines

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/internal/version"
)

// compiler turns one pipeline into its spec. The outer scope is always compiled
// before the inner one, so that an inner reference can add to the interface of
// every scope that it passes through.
type compiler struct {
	pipeline *Pipeline
	spec     *pipelinespec.Spec
	// components and tasks are what steps and scopes have become so far.
	components map[*Scope]*pipelinespec.Component
	tasks      map[*step]*pipelinespec.Task
	errs       []error
}

func newCompiler(p *Pipeline) *compiler {
	return &compiler{
		pipeline: p,
		spec: &pipelinespec.Spec{
			PipelineInfo:        pipelinespec.PipelineInfo{Name: p.name, DisplayName: p.DisplayName, Description: p.Description},
			SchemaVersion:       pipelinespec.SchemaVersion,
			SDKVersion:          "authcall-" + version.Get().String(),
			DefaultPipelineRoot: p.Root,
			DeploymentSpec:      pipelinespec.DeploymentSpec{Executors: map[string]*pipelinespec.Executor{}},
			Components:          map[string]*pipelinespec.Component{},
			Root:                new(pipelinespec.Component),
		},
		components: map[*Scope]*pipelinespec.Component{},
		tasks:      map[*step]*pipelinespec.Task{},
	}
}

func (c *compiler) fail(s *step, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("task %q: %w", s.name, fmt.Errorf(format, args...)))
}

func (c *compiler) compile() {
	for _, p := range c.pipeline.parameters {
		addInput(c.spec.Root, p.Name, p)
	}
	c.scope(c.pipeline.Scope, c.spec.Root)
	for _, output := range c.pipeline.outputs {
		if err := c.export(c.pipeline.Scope, output); err != nil {
			c.errs = append(c.errs, fmt.Errorf("output %q: %w", output.name, err))
		}
	}
}

// scope compiles the steps of a scope into the DAG of its component.
func (c *compiler) scope(s *Scope, component *pipelinespec.Component) {
	component.Dag = &pipelinespec.Dag{Tasks: map[string]*pipelinespec.Task{}}
	c.components[s] = component
	for _, step := range s.steps {
		c.step(step)
	}
	for _, step := range s.steps {
		c.order(step)
	}
}

func (c *compiler) step(s *step) {
	task := &pipelinespec.Task{
		TaskInfo:     pipelinespec.TaskInfo{Name: s.name},
		ComponentRef: pipelinespec.ComponentRef{Name: "comp-" + s.name},
	}
	c.tasks[s] = task
	c.components[s.scope].Dag.Tasks[s.name] = task
	if s.task != nil {
		c.leaf(s, task)
		return
	}
	component := new(pipelinespec.Component)
	c.spec.Components[task.ComponentRef.Name] = component
	c.components[s.body] = component
	c.condition(s, task)
	c.scope(s.body, component)
	for _, output := range s.exports {
		if err := c.export(s.body, output); err != nil {
			c.fail(s, "output %q: %w", output.name, err)
		}
	}
}

// leaf compiles a single task.
func (c *compiler) leaf(s *step, task *pipelinespec.Task) {
	t := s.task
	if t.component == nil {
		c.fail(s, "has no component")
		return
	}
	if t.DisplayName != "" {
		task.TaskInfo.Name = t.DisplayName
	}
	task.CachingOptions = &pipelinespec.CachingOptions{EnableCache: t.Cache}
	task.RetryPolicy = t.Retry.spec()
	executor, err := t.component.executor(t.Resources)
	if err != nil {
		c.fail(s, "%w", err)
		return
	}
	component, err := interfaceOf(t.component)
	if err != nil {
		c.fail(s, "%w", err)
		return
	}
	component.ExecutorLabel = "exec-" + s.name
	c.spec.DeploymentSpec.Executors[component.ExecutorLabel] = executor
	c.spec.Components[task.ComponentRef.Name] = component
	c.inputs(s, component)
}

// order adds the steps that are to come first without giving anything.
func (c *compiler) order(s *step) {
	for _, first := range s.after {
		if first.scope.pipeline != c.pipeline {
			c.fail(s, "cannot wait for task %q of another pipeline", first.name)
			continue
		}
		// Where the two are in different scopes, the steps of the innermost
		// scope around both wait for each other.
		later, scope := s, s.scope
		for scope.within(first) == nil {
			later, scope = scope.owner, scope.parent()
		}
		if earlier := scope.within(first); earlier != later {
			c.depend(later, earlier)
			continue
		}
		c.fail(s, "cannot wait for task %q, which it is part of or the same as", first.name)
	}
}

func (c *compiler) depend(later, earlier *step) {
	task := c.tasks[later]
	if !slices.Contains(task.DependentTasks, earlier.name) {
		task.DependentTasks = append(task.DependentTasks, earlier.name)
		slices.Sort(task.DependentTasks)
	}
}

// condition makes a group's condition read the values it needs as inputs.
func (c *compiler) condition(s *step, task *pipelinespec.Task) {
	if s.when.err != nil {
		c.fail(s, "condition: %w", s.when.err)
		return
	}
	for _, v := range s.when.values {
		if v.invalid {
			return
		}
		err := v.usableIn(c.pipeline)
		if err == nil {
			err = c.enter(s.body, v)
		}
		if err != nil {
			c.fail(s, "condition: %w", err)
			return
		}
	}
	if s.when.expression != nil {
		task.TriggerPolicy = &pipelinespec.TriggerPolicy{Condition: s.when.expression(operand)}
	}
}

// operand reads an input in CEL. Numbers arrive as doubles.
func operand(v Value) string {
	text := "inputs.parameter_values['" + v.channel() + "']"
	if v.typ == Integer {
		return "int(" + text + ")"
	}
	return text
}

// spec is the policy, nil for none.
func (r *Retry) spec() *pipelinespec.RetryPolicy {
	if r == nil {
		return nil
	}
	factor := r.Factor
	if factor == 0 {
		factor = 2
	}
	return &pipelinespec.RetryPolicy{
		MaxRetryCount:      r.Max,
		BackoffDuration:    pipelinespec.Duration(r.Backoff),
		BackoffFactor:      factor,
		BackoffMaxDuration: pipelinespec.Duration(r.MaxBackoff),
	}
}

var errElsewhere = errors.New("is inside a condition that this place is not part of: use OneOf")

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
