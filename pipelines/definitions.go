package pipelines

import "github.com/authcall/authcall/internal/pipelinespec"

// This file adds to parts of a spec, each of which exists only once there is
// something in it.

func (t Type) artifactType() *pipelinespec.ArtifactType {
	return &pipelinespec.ArtifactType{SchemaTitle: string(t), SchemaVersion: artifactVersion}
}

// fits says whether a value of the type can be passed as another.
func (t Type) fits(want Type) bool {
	switch {
	case t == want, t == Integer && want == Double:
		return true
	default:
		return t.isArtifact() && want.isArtifact() && (t == Artifact || want == Artifact)
	}
}

func inputType(c *pipelinespec.Component, name string) (Type, bool) {
	if p := c.InputParameters()[name]; p != nil {
		return Type(p.ParameterType), true
	}
	if a := c.InputArtifacts()[name]; a != nil {
		return Type(a.ArtifactType.SchemaTitle), true
	}
	return "", false
}

func addInput(c *pipelinespec.Component, name string, p Parameter) {
	if c.InputDefinitions == nil {
		c.InputDefinitions = new(pipelinespec.InputDefinitions)
	}
	if p.Type.isArtifact() {
		put(&c.InputDefinitions.Artifacts, name, &pipelinespec.InputArtifact{
			ArtifactType: p.Type.artifactType(), IsOptional: p.Optional, Description: p.Description,
		})
		return
	}
	put(&c.InputDefinitions.Parameters, name, &pipelinespec.InputParameter{
		ParameterType: pipelinespec.ParameterType(p.Type), DefaultValue: p.Default, IsOptional: p.Optional, Description: p.Description,
	})
}

func addOutput(c *pipelinespec.Component, name string, p Parameter) {
	if c.OutputDefinitions == nil {
		c.OutputDefinitions = new(pipelinespec.OutputDefinitions)
	}
	if p.Type.isArtifact() {
		put(&c.OutputDefinitions.Artifacts, name, &pipelinespec.OutputArtifact{
			ArtifactType: p.Type.artifactType(), Description: p.Description,
		})
		return
	}
	put(&c.OutputDefinitions.Parameters, name, &pipelinespec.OutputParameter{
		ParameterType: pipelinespec.ParameterType(p.kind()), Description: p.Description,
	})
}

func addParameter(t *pipelinespec.Task, name string, source *pipelinespec.ParameterSource) {
	if source == nil {
		return
	}
	if t.Inputs == nil {
		t.Inputs = new(pipelinespec.TaskInputs)
	}
	put(&t.Inputs.Parameters, name, source)
}

func addArtifact(t *pipelinespec.Task, name string, source *pipelinespec.ArtifactSource) {
	if source == nil {
		return
	}
	if t.Inputs == nil {
		t.Inputs = new(pipelinespec.TaskInputs)
	}
	put(&t.Inputs.Artifacts, name, source)
}

func addDagOutput(outputs *pipelinespec.DagOutputs, name string, typ Type, from []origin) {
	if typ.isArtifact() {
		artifact := new(pipelinespec.DagOutputArtifact)
		for _, o := range from {
			artifact.ArtifactSelectors = append(artifact.ArtifactSelectors, pipelinespec.ArtifactSelector{ProducerSubtask: o.task, OutputArtifactKey: o.key})
		}
		put(&outputs.Artifacts, name, artifact)
		return
	}
	var selectors []pipelinespec.ParameterSelector
	for _, o := range from {
		selectors = append(selectors, pipelinespec.ParameterSelector{ProducerSubtask: o.task, OutputParameterKey: o.key})
	}
	parameter := &pipelinespec.DagOutputParameter{ValueFromParameter: &selectors[0]}
	if len(selectors) > 1 {
		parameter = &pipelinespec.DagOutputParameter{ValueFromOneof: &pipelinespec.ParameterSelectors{ParameterSelectors: selectors}}
	}
	put(&outputs.Parameters, name, parameter)
}

// put adds to a map that may not exist yet.
func put[V any](m *map[string]V, key string, value V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = value
}
