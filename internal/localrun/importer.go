package localrun

import (
	"context"
	"fmt"

	"github.com/authcall/authcall/internal/pipelinespec"
)

// importerBody makes an artifact of an URI without running anything.
type importerBody struct{ importer *pipelinespec.Importer }

func (b importerBody) perform(_ context.Context, u *unit) (Values, error) {
	from := b.importer.ArtifactURI
	value := from.Constant
	if from.RuntimeParameter != "" {
		value = u.inputs.Parameters[from.RuntimeParameter]
	}
	uri, ok := u.replaceInputs(value, u.inputs.Parameters).(string)
	if !ok || uri == "" {
		return Values{}, fmt.Errorf("importer: got %q, want the URI of an artifact", asText(value))
	}
	metadata, _ := u.replaceInputs(b.importer.Metadata, u.inputs.Parameters).(map[string]any)
	out := Values{Artifacts: map[string][]Artifact{}}
	for name, declared := range u.component.OutputArtifacts() {
		out.Artifacts[name] = []Artifact{{Name: name, Type: declared.ArtifactType.SchemaTitle, URI: uri, Metadata: metadata}}
	}
	return out, nil
}
