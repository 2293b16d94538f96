package pipelines

import (
	"errors"
	"fmt"

	"github.com/authcall/authcall/internal/pipelinespec"
)

// Pipeline is a pipeline under construction. Its methods never fail: Compile
// tells all mistakes at once, each with the task and the input that it is about.
type Pipeline struct {
	// Scope has the pipeline's tasks and conditions.
	*Scope
	// DisplayName is what people see; empty means the name.
	DisplayName string
	// Description is one or two sentences for people.
	Description string
	// Root is the gs:// directory for outputs where a job names none.
	Root string

	name       string
	parameters []Parameter
	outputs    []export
	names      map[string]bool
	groups     map[string]int
	errs       []error
}

// New begins a pipeline. The name is lower-case letters, digits and dashes.
func New(name string) *Pipeline {
	p := &Pipeline{name: name, names: map[string]bool{}, groups: map[string]int{}}
	p.Scope = &Scope{pipeline: p}
	return p
}

// Parameter declares a parameter of the pipeline and returns a reference to
// what a run gives for it.
func (p *Pipeline) Parameter(d Parameter) Value {
	d, err := d.normalize()
	for _, other := range p.parameters {
		if other.Name == d.Name {
			err = errTwice
		}
	}
	if err == nil && d.Type.isArtifact() {
		err = fmt.Errorf("got type %s: a pipeline takes values, not artifacts", d.Type)
	}
	if err != nil {
		p.fail("parameter %q: %w", d.Name, err)
		return Value{invalid: true}
	}
	p.parameters = append(p.parameters, d)
	return Value{pipeline: p, typ: d.Type, parameter: d.Name}
}

// Output makes an output of a task an output of the pipeline.
func (p *Pipeline) Output(name string, v Value) {
	for _, other := range p.outputs {
		if other.name == name {
			p.fail("output %q: %w", name, errTwice)
		}
	}
	if v.invalid {
		return
	}
	if err := v.usableIn(p); err != nil {
		p.fail("output %q: %w", name, err)
		return
	}
	if v.step == nil {
		p.fail("output %q: got %s, want an output of a task", name, v)
		return
	}
	p.outputs = append(p.outputs, export{name: name, from: []Value{v}})
}

var errTwice = errors.New("is declared twice")

// Compile gives the pipeline spec, which is valid, or all that is wrong.
func (p *Pipeline) Compile() (*pipelinespec.Spec, error) {
	c := newCompiler(p)
	c.compile()
	err := errors.Join(append(p.errs, c.errs...)...)
	if err == nil {
		err = c.spec.Validate()
	}
	if err != nil {
		return nil, fmt.Errorf("pipeline %q: %w", p.name, err)
	}
	return c.spec, nil
}

func (p *Pipeline) fail(format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf(format, args...))
}

// groupName names a group of tasks, such as condition-1.
func (p *Pipeline) groupName(kind string) string {
	p.groups[kind]++
	name := fmt.Sprintf("%s-%d", kind, p.groups[kind])
	p.claim(name)
	return name
}

// claim takes a task name, which is unique in the whole pipeline because
// channels across scopes are named by it.
func (p *Pipeline) claim(name string) {
	if p.names[name] {
		p.fail("task %q: there is another task of that name", name)
	}
	p.names[name] = true
}
