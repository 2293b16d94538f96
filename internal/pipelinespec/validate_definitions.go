package pipelinespec

// definitions checks what a component declares as its inputs and outputs.
func (v *validator) definitions(at place, c *Component) {
	inputs, outputs := at.field("inputDefinitions"), at.field("outputDefinitions")
	for name, p := range sorted(c.InputParameters()) {
		v.inputParameter(inputs.field("parameters").key(name), name, p)
	}
	for name, a := range sorted(c.InputArtifacts()) {
		v.artifact(inputs.field("artifacts").key(name), name, a.ArtifactType)
		if c.InputParameters()[name] != nil {
			v.add(inputs.field("artifacts").key(name), "there is a parameter of that name too")
		}
	}
	for name, p := range sorted(c.OutputParameters()) {
		at := outputs.field("parameters").key(name)
		v.name(at, name)
		v.parameterType(at, p.ParameterType)
	}
	for name, a := range sorted(c.OutputArtifacts()) {
		v.artifact(outputs.field("artifacts").key(name), name, a.ArtifactType)
		if c.OutputParameters()[name] != nil {
			v.add(outputs.field("artifacts").key(name), "there is a parameter of that name too")
		}
	}
}

func (v *validator) inputParameter(at place, name string, p *InputParameter) {
	v.name(at, name)
	if v.parameterType(at, p.ParameterType) && p.DefaultValue != nil && !isPlaceholder(p.DefaultValue) {
		if err := p.ParameterType.Check(p.DefaultValue); err != nil {
			v.add(at.field("defaultValue"), "%w", err)
		}
	}
}

func (v *validator) parameterType(at place, t ParameterType) bool {
	switch {
	case t == "":
		v.add(at.field("parameterType"), "is missing")
	case !t.known():
		v.add(at.field("parameterType"), "unknown type %q", t)
	default:
		return true
	}
	return false
}

func (v *validator) artifact(at place, name string, t *ArtifactType) {
	v.name(at, name)
	at = at.field("artifactType")
	if t == nil {
		v.add(at, "is missing")
		return
	}
	if n := count(t.SchemaTitle != "", t.SchemaURI != "", t.InstanceSchema != ""); n != 1 {
		v.add(at, "got %d of schemaTitle, schemaUri and instanceSchema, want one", n)
	}
	if t.SchemaTitle != "" && t.SchemaVersion == "" {
		v.add(at.field("schemaVersion"), "is missing")
	}
}

func (v *validator) name(at place, name string) {
	if !safeName().MatchString(name) {
		v.add(at, "got name %q, want letters, digits, dashes, dots and underscores, no dash or dot first", name)
	}
}
