package pipelinespec

import "fmt"

// parseJob reads the spec out of a PipelineJob, as the older compilers wrote
// one. What the job's runtimeConfig sets becomes the spec's defaults, so that
// submitting the file does what the file says.
func parseJob(job map[string]any) (*Spec, error) {
	inner, ok := job["pipelineSpec"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("pipelineSpec: got %s, want an object", kindOf(job["pipelineSpec"]))
	}
	if _, ok := inner["pipelineSpec"]; ok {
		return nil, fmt.Errorf("pipelineSpec: unknown field %q", "pipelineSpec")
	}
	spec, err := parseDocument(inner)
	if err != nil {
		return nil, fmt.Errorf("in pipelineSpec: %w", err)
	}
	config, _ := job["runtimeConfig"].(map[string]any)
	if root, _ := config["gcsOutputDirectory"].(string); spec.DefaultPipelineRoot == "" {
		spec.DefaultPipelineRoot = root
	}
	values, _ := config["parameterValues"].(map[string]any)
	return spec, spec.setDefaults(values)
}

func (s *Spec) setDefaults(values map[string]any) error {
	var p problems
	declared := s.parameters()
	for name, value := range sorted(values) {
		at := place("runtimeConfig.parameterValues").key(name)
		parameter := declared[name]
		if parameter == nil {
			p.add(at, "%w", unknownParameter(name, declared))
			continue
		}
		parameter.DefaultValue, parameter.IsOptional = value, true
	}
	return p.err()
}
