package pipelinespec

import (
	"regexp"
	"sync"
)

var (
	// pipelineName leaves the length to maxPipelineName: a counted repetition is
	// expensive to compile.
	pipelineName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`) })
	// safeName matches names of tasks, inputs and outputs; runtimes build
	// object paths of them.
	safeName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`) })
)

const maxPipelineName = 128

// Validate checks names, types and references. It tells all problems at once,
// each with its place, such as
// root.dag.tasks["call"].inputs.parameters["url"].
func (s *Spec) Validate() error {
	v := validator{spec: s, iterated: s.iterated()}
	v.header()
	for label, executor := range sorted(s.DeploymentSpec.Executors) {
		v.executor(place("deploymentSpec.executors").key(label), executor)
	}
	for name, component := range sorted(s.Components) {
		v.component(place("components").key(name), component, v.iterated[name])
	}
	if s.Root != nil {
		v.component("root", s.Root, false)
	}
	v.recursion()
	return v.err()
}

type validator struct {
	problems
	spec *Spec
	// iterated are the components that some task runs once for each item: their
	// outputs are lists of what their tasks give.
	iterated map[string]bool
}

func (s *Spec) iterated() map[string]bool {
	names := make(map[string]bool)
	for _, dag := range s.dags() {
		for _, task := range dag.Tasks {
			if task.iterates() {
				names[task.ComponentRef.Name] = true
			}
		}
	}
	return names
}

// dags are all graphs of the spec by the place of their component.
func (s *Spec) dags() map[string]*Dag {
	dags := make(map[string]*Dag)
	if s.Root != nil && s.Root.Dag != nil {
		dags["root"] = s.Root.Dag
	}
	for name, component := range s.Components {
		if component.Dag != nil {
			dags[string(place("components").key(name))] = component.Dag
		}
	}
	return dags
}

func (v *validator) header() {
	switch s := v.spec; {
	case s.SchemaVersion == "":
		v.add("schemaVersion", "is missing, want %q", SchemaVersion)
	case s.SchemaVersion != SchemaVersion:
		v.add("schemaVersion", "got %q, want %q", s.SchemaVersion, SchemaVersion)
	}
	if name := v.spec.PipelineInfo.Name; len(name) > maxPipelineName || !pipelineName().MatchString(name) {
		v.add("pipelineInfo.name", "got %q, want 1 to 128 lower-case letters, digits and dashes, no dash first", name)
	}
	switch root := v.spec.Root; {
	case root == nil:
		v.add("root", "is missing")
	case root.Dag == nil:
		v.add("root.dag", "is missing")
	}
}

func (v *validator) executor(at place, e *Executor) {
	kinds := count(e.Container != nil, e.Importer != nil, e.Resolver != nil, e.CustomJob != nil)
	if kinds != 1 {
		v.add(at, "got %d of container, importer, resolver and customJob, want one", kinds)
	}
	if e.Container != nil && e.Container.Image == "" {
		v.add(at.field("container.image"), "is missing")
	}
	if e.Importer != nil && e.Importer.ArtifactURI == nil {
		v.add(at.field("importer.artifactUri"), "is missing")
	}
}

func (v *validator) component(at place, c *Component, iterated bool) {
	v.definitions(at, c)
	if n := count(c.Dag != nil, c.ExecutorLabel != ""); n != 1 {
		v.add(at, "got %d of dag and executorLabel, want one", n)
	}
	if c.ExecutorLabel != "" && v.spec.DeploymentSpec.Executors[c.ExecutorLabel] == nil {
		v.add(at.field("executorLabel"), "no executor %q in deploymentSpec.executors", c.ExecutorLabel)
	}
	if c.Dag != nil {
		v.dag(at, c, iterated)
	}
}

func count(set ...bool) int {
	n := 0
	for _, s := range set {
		if s {
			n++
		}
	}
	return n
}
