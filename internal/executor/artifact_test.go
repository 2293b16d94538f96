package executor

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestInputArtifacts(t *testing.T) {
	t.Parallel()
	in, err := Parse(`{"inputs": {"artifacts": {
		"data": {"artifacts": [
			{"name": "d", "type": {"schemaTitle": "system.Dataset"}, "uri": "gs://b/d", "metadata": {"rows": 3.0}},
			{"name": "second", "uri": "gs://b/e"}
		]},
		"none": {"artifacts": []}
	}}}`)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Artifact{"data": {Name: "d", URI: "gs://b/d", Metadata: map[string]any{"rows": 3.0}}}
	if diff := cmp.Diff(want, in.Artifacts); diff != "" {
		t.Errorf("artifacts (-want +got):\n%s", diff)
	}
}

func TestParameterFilesHoldJSON(t *testing.T) {
	t.Parallel()
	for want, value := range map[string]any{"7": int64(7), "0.5": 0.5, "true": true, `["a"]`: []string{"a"}, `{"a":1}`: map[string]int{"a": 1}, "as it is": "as it is"} {
		if got, err := text(value); err != nil || string(got) != want {
			t.Errorf("text(%v) = %s, %v; want %s", value, got, err, want)
		}
	}
}
