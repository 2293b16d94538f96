package componentyaml

import (
	"time"

	"github.com/authcall/authcall/pipelines"
)

// Settings are what only the pipeline form keeps: KFP's other form has no place
// for them.
type Settings struct {
	// Retries is how often the runtime starts a failed step again.
	Retries int
	// CPU and Memory are Kubernetes quantities; empty leaves it to the runtime.
	CPU, Memory string
}

// Pipeline writes the component as a pipeline of one task, which never takes its
// outputs from a cache. It can be submitted as it is, and the SDK loads it as a
// component that is a pipeline of its own.
func Pipeline(image string, s Settings) ([]byte, error) {
	p := pipelines.New("call-private-service")
	p.DisplayName, p.Description = callName, callDescription
	call := pipelines.Call()
	call.Image = image
	inputs := pipelines.Inputs{}
	for _, in := range call.Inputs {
		inputs[in.Name] = p.Parameter(in)
	}
	// The name must not be that of the pipeline, or the SDK would read a plain
	// component, and drop the settings.
	task := p.Task("call", call, inputs)
	task.DisplayName = callName
	task.Resources = pipelines.Resources{CPU: s.CPU, Memory: s.Memory}
	if s.Retries > 0 {
		task.Retry = &pipelines.Retry{Max: s.Retries, Backoff: 30 * time.Second}
	}
	for _, out := range call.Outputs {
		p.Output(out.Name, task.Output(out.Name))
	}
	spec, err := p.Compile()
	if err != nil {
		return nil, err
	}
	return spec.YAML()
}
