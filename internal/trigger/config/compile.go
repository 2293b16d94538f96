package config

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/authcall/authcall/internal/expression"
	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/internal/vertex"
)

// compile reads the pipelines and the expressions, and holds the routes to them.
func (c *Config) compile(ctx context.Context, f *faults, o Options) {
	load := loadOnce(o)
	for i, r := range c.Routes {
		at := place{"routes", i}
		r.Wanted = compileAt(f, at.with("when"), r.When)
		r.Named = compileAt(f, at.with("id"), r.ID)
		compiled := map[string]expression.Expression{}
		for _, name := range slices.Sorted(maps.Keys(r.Parameters)) {
			compiled[name] = compileAt(f, at.with("parameters", name), r.Parameters[name])
		}
		if r.Pipeline == "" || r.Pipeline == "-" {
			f.want(false, at.with("pipeline"), r.Pipeline, "a built-in pipeline, a file or a URL")
			continue
		}
		spec, err := load(ctx, r.Pipeline)
		if err != nil {
			f.check(at.with("pipeline"), err)
			continue
		}
		r.bind(ctx, f, at, spec, compiled)
		r.finish(f, at, spec, c)
	}
}

// loadOnce reads a pipeline once however many routes start it.
func loadOnce(o Options) func(context.Context, string) (*pipelinespec.Spec, error) {
	type loaded struct {
		spec *pipelinespec.Spec
		err  error
	}
	known := map[string]loaded{}
	return func(ctx context.Context, name string) (*pipelinespec.Spec, error) {
		if l, ok := known[name]; ok {
			return l.spec, l.err
		}
		spec, err := o.Load(ctx, name)
		known[name] = loaded{spec, err}
		return spec, err
	}
}

func compileAt(f *faults, at place, source string) expression.Expression {
	compiled, err := expression.Compile(source)
	if err != nil {
		f.add(at, "%q is no jq expression: %w", source, err)
	}
	return compiled
}

// bind holds the parameters to the declared ones.
func (r *Route) bind(ctx context.Context, f *faults, at place, spec *pipelinespec.Spec, compiled map[string]expression.Expression) {
	declared := spec.Root.InputParameters()
	for _, name := range slices.Sorted(maps.Keys(compiled)) {
		here := at.with("parameters", name)
		d := declared[name]
		if d == nil {
			f.add(here, "pipeline %s has no such parameter, it has %q", r.Pipeline, slices.Sorted(maps.Keys(declared)))
			continue
		}
		p := Parameter{Name: name, Type: d.ParameterType, Required: d.Required(), expression: compiled[name]}
		if compiled[name].IsEmpty() {
			if r.Parameters[name] == "" {
				f.add(here, `it is empty, want a jq expression; an empty text is '""'`)
			}
			continue
		}
		f.check(here, p.checkConstant(ctx))
		r.Mapping = append(r.Mapping, p)
	}
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		if _, mapped := compiled[name]; !mapped && declared[name].Required() {
			f.add(at.with("parameters"), "%s is missing, want a jq expression that gives %s: pipeline %s has no default for it",
				name, declared[name].ParameterType, r.Pipeline)
		}
	}
}

// finish makes the template of the route's runs. Where something of it is wrong
// that has been told already, there is none.
func (r *Route) finish(f *faults, at place, spec *pipelinespec.Spec, c *Config) {
	r.PipelineName = spec.PipelineInfo.Name
	r.PipelineRoot = cmp.Or(r.PipelineRoot, c.PipelineRoot, spec.DefaultPipelineRoot)
	if err := vertex.CheckPipelineRoot(r.PipelineRoot); err != nil {
		f.check(at.with("pipeline_root"), err)
		return
	}
	before := len(f.all)
	template, err := vertex.NewTemplate(vertex.Submission{
		Project: c.Project, Location: c.Location, Spec: spec, PipelineRoot: r.PipelineRoot, ServiceAccount: r.ServiceAccount,
	})
	if err != nil && before == 0 {
		f.check(at, fmt.Errorf("pipeline %s: %w", r.Pipeline, err))
	}
	r.Template = template
}
