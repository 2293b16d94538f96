package pipelines_test

import (
	"fmt"
	"log"

	"github.com/authcall/authcall/pipelines"
)

// A pipeline that calls a private service, and reports in another call where
// the first was refused.
func Example() {
	p := pipelines.New("nightly-refresh")
	url := p.Parameter(pipelines.Parameter{Name: "url", Description: "Service to call."})
	account := p.Parameter(pipelines.Parameter{Name: "service_account", Default: "caller@example-project.iam.gserviceaccount.com"})

	refresh := p.Task("refresh", pipelines.Call(), pipelines.Inputs{
		"url":                url,
		"service_account":    account,
		"fail_on_http_error": false,
	})
	p.If(refresh.Output("status_code").GreaterOrEqual(400), func(s *pipelines.Scope) {
		s.Task("report", pipelines.Call(), pipelines.Inputs{
			"url":             "https://alerts.example.com/",
			"service_account": account,
			"body":            refresh.Output("response_text"),
		})
	})
	p.Output("status_code", refresh.Output("status_code"))

	spec, err := p.Compile()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(spec.Root.Dag.Tasks["condition-1"].TriggerPolicy.Condition)
	// Output: int(inputs.parameter_values['pipelinechannel--refresh-status_code']) >= 400
}

// Any container image can be a component; values and artifacts pass by
// reference.
func ExampleContainer() {
	count := &pipelines.Container{
		Image:   "registry.example.com/busybox:1.37",
		Command: []string{"sh", "-c", `wc -c <"$0" >"$1"`},
		Args:    []string{"{{$.inputs.artifacts['file'].path}}", "{{$.outputs.parameters['bytes'].output_file}}"},
		Inputs:  []pipelines.Parameter{{Name: "file", Type: pipelines.Artifact}},
		Outputs: []pipelines.Parameter{{Name: "bytes", Type: pipelines.Integer}},
	}

	p := pipelines.New("count-bytes")
	fetch := p.Task("fetch", pipelines.Call(), pipelines.Inputs{"url": "https://reports.example.com/today"})
	size := p.Task("size", count, pipelines.Inputs{"file": fetch.Output("response")})
	p.Output("bytes", size.Output("bytes"))

	spec, err := p.Compile()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(spec.Root.Dag.Tasks["size"].DependentTasks)
	// Output: [fetch]
}

// Compile tells all mistakes, with the task and the input.
func ExamplePipeline_Compile() {
	p := pipelines.New("broken")
	p.Task("call", pipelines.Call(), pipelines.Inputs{"timeout_seconds": "soon"})

	_, err := p.Compile()
	fmt.Println(err)
	// Output:
	// pipeline "broken": task "call": input "timeout_seconds": got the string "soon", want NUMBER_INTEGER
	// task "call": input "url": got nothing, want STRING
}

// The built-in pipelines are known by name.
func ExampleBuiltin() {
	spec, err := pipelines.Builtin("iap", pipelines.WithImage("registry.example.com/authcall:1"))
	if err != nil {
		log.Fatal(err)
	}
	_, err = spec.BindParameters(map[string]string{"url": "https://app.example.com/"})
	fmt.Println(err)
	// Output: parameter "audience": got nothing, want STRING: it has no default
}
