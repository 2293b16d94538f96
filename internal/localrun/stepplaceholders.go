package localrun

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// stepPlaceholders replaces what a container's command and arguments may hold.
type stepPlaceholders struct {
	unit  *unit
	input executorInput
	files *outputFiles
}

func newStepPlaceholders(u *unit, files *outputFiles) (*stepPlaceholders, error) {
	if files.dir == "" {
		return nil, fmt.Errorf("no local directory for %s", files.uri)
	}
	return &stepPlaceholders{unit: u, input: files.executorInput(u), files: files}, nil
}

func (p *stepPlaceholders) replace(texts []string) ([]string, error) {
	out := make([]string, 0, len(texts))
	for _, text := range texts {
		if strings.HasPrefix(text, `{"IfPresent":`) || strings.HasPrefix(text, `{"Concat":`) {
			return nil, errors.New("not supported by the local runner: IfPresent and Concat")
		}
		replaced, err := replaceAll(text, p.lookup)
		if err != nil {
			return nil, err
		}
		out = append(out, replaced)
	}
	return out, nil
}

// port matches the way to a part of an input or output, such as
// .inputs.artifacts['x'].uri or .outputs.artifacts['x'].metadata['k'].
var port = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\.(inputs|outputs)\.(parameters|artifacts)\[['"]([^'"]*)['"]\](?:\.(\w+)(?:\[['"]([^'"]*)['"]\])?)?$`)
})

func (p *stepPlaceholders) lookup(way string) (string, error) {
	switch way {
	case "":
		return toJSON(p.input), nil
	case ".outputs.output_file":
		return p.input.Outputs.OutputFile, nil
	}
	if match := port().FindStringSubmatch(way); match != nil {
		return p.port(match[1]+"."+match[2], match[3], match[4], match[5])
	}
	if value, ok := p.unit.jobValue(way); ok {
		return value, nil
	}
	return "", errors.New("the local runner does not know it")
}

// port looks one input or output up.
func (p *stepPlaceholders) port(kind, name, part, key string) (string, error) {
	switch {
	case kind == "inputs.parameters" && part == "":
		value, given := p.input.Inputs.ParameterValues[name]
		if !given && p.unit.component.InputParameters()[name] == nil {
			return "", fmt.Errorf("the component has no input parameter %q", name)
		}
		return asText(value), nil // an optional one without a value is null, as on Vertex AI
	case kind == "outputs.parameters" && part == "output_file":
		file, ok := p.input.Outputs.Parameters[name]
		if !ok {
			return "", fmt.Errorf("the component has no output parameter %q", name)
		}
		return file.OutputFile, nil
	case kind == "inputs.artifacts":
		return p.artifact(p.input.Inputs.Artifacts[name], part, key)
	case kind == "outputs.artifacts":
		return p.artifact(p.input.Outputs.Artifacts[name], part, key)
	default:
		return "", errors.New("the local runner does not know it")
	}
}

func (p *stepPlaceholders) artifact(list runtimeArtifacts, part, key string) (string, error) {
	if len(list.Artifacts) == 0 {
		return "", errors.New("there is no such artifact")
	}
	a := list.Artifacts[0]
	switch part {
	case "uri":
		return a.URI, nil
	case "path":
		return p.files.pathOf(a.URI), nil
	case "name":
		return a.Name, nil
	case "metadata":
		return asText(a.Metadata[key]), nil
	default:
		return "", fmt.Errorf("an artifact has no %q", part)
	}
}
