package pipelinespec

import (
	"strings"
	"testing"
)

func TestPipelineNames(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{
		"a": true, "auth-pipeline-1": true, "1a": true, strings.Repeat("a", 128): true,
		"": false, "-a": false, "A": false, "a_b": false, strings.Repeat("a", 129): false,
	} {
		err := (&Spec{SchemaVersion: SchemaVersion, PipelineInfo: PipelineInfo{Name: name}}).Validate()
		if told := err != nil && strings.Contains(err.Error(), "pipelineInfo.name"); told == good {
			t.Errorf("Validate of a pipeline named %.20q = %v, want its name accepted: %v", name, err, good)
		}
	}
}
