package pipelinespec

import "strings"

func (v *validator) taskArtifacts(at place, s scope) {
	inputs := at.field("inputs.artifacts")
	for name, source := range sorted(s.task.ArtifactSources()) {
		at, declared := inputs.key(name), s.component.InputArtifacts()[name]
		if declared == nil && !strings.HasPrefix(name, channelPrefix) {
			v.add(at, "component %q has no input artifact %q", s.task.ComponentRef.Name, name)
		}
		given, ok := v.artifactSourceType(at, s, source)
		if ok && declared != nil && !artifactFits(given, declared.ArtifactType) {
			v.add(at, "got an artifact of type %s, want %s", given.SchemaTitle, declared.ArtifactType.SchemaTitle)
		}
	}
	for name, declared := range sorted(s.component.InputArtifacts()) {
		supplied := s.task.ArtifactIterator != nil && s.task.ArtifactIterator.ItemInput == name
		if s.task.ArtifactSources()[name] == nil && !declared.IsOptional && !supplied {
			v.add(inputs.key(name), "is missing, component %q requires it", s.task.ComponentRef.Name)
		}
	}
}

func (v *validator) artifactSourceType(at place, s scope, source *ArtifactSource) (*ArtifactType, bool) {
	from := source.TaskOutputArtifact
	if n := count(from != nil, source.ComponentInputArtifact != ""); n != 1 {
		v.add(at, "got %d of taskOutputArtifact and componentInputArtifact, want one", n)
		return nil, false
	}
	if from == nil {
		input := s.around.InputArtifacts()[source.ComponentInputArtifact]
		if input == nil {
			v.add(at.field("componentInputArtifact"), "the component around has no input artifact %q", source.ComponentInputArtifact)
			return nil, false
		}
		return input.ArtifactType, true
	}
	at = at.field("taskOutputArtifact")
	if !v.upstream(at.field("producerTask"), s, from.ProducerTask) {
		return nil, false
	}
	producer := v.producer(s.around.Dag, from.ProducerTask)
	if producer == nil {
		return nil, false
	}
	output := producer.OutputArtifacts()[from.OutputArtifactKey]
	if output == nil {
		v.add(at.field("outputArtifactKey"), "task %q has no output artifact %q", from.ProducerTask, from.OutputArtifactKey)
		return nil, false
	}
	return output.ArtifactType, true
}

// genericArtifact is the type that takes an artifact of any other.
const genericArtifact = "system.Artifact"

func artifactFits(given, want *ArtifactType) bool {
	if given == nil || want == nil || given.SchemaTitle == "" || want.SchemaTitle == "" {
		return true
	}
	return want.SchemaTitle == genericArtifact || given.SchemaTitle == genericArtifact || given.SchemaTitle == want.SchemaTitle
}
