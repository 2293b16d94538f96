package pipelines_test

import (
	"fmt"
	"log"
	"time"

	"github.com/authcall/authcall/pipelines"
)

// Conditions compare what is known only when the pipeline runs. Of the branches
// one alone runs, and OneOf is what that one has made.
func ExampleBranches() {
	p := pipelines.New("by-status")
	url := p.Parameter(pipelines.Parameter{Name: "url"})
	strict := p.Parameter(pipelines.Parameter{Name: "strict", Default: false})
	first := p.Task("first", pipelines.Call(), pipelines.Inputs{"url": url, "fail_on_http_error": false})
	status := first.Output("status_code")
	call := func(s *pipelines.Scope, name string) *pipelines.Task {
		return s.Task(name, pipelines.Call(), pipelines.Inputs{"url": url})
	}

	var stored, missed, other *pipelines.Task
	success := status.GreaterOrEqual(200).And(status.Less(300))
	answer := p.If(success, func(s *pipelines.Scope) { stored = call(s, "store") }).
		Elif(status.Equal(404).And(strict.Equal(true).Not()), func(s *pipelines.Scope) { missed = call(s, "miss") }).
		Else(func(s *pipelines.Scope) { other = call(s, "report") }).
		OneOf(stored.Output("result"), missed.Output("result"), other.Output("result"))
	p.Output("result", answer)

	spec, err := p.Compile()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(spec.Components["comp-condition-branches-1"].Dag.Tasks), "branches")
	// Output: 3 branches
}

// Numbers are compared by size, texts and truths by being equal.
func ExampleCondition() {
	p := pipelines.New("conditions")
	size := p.Parameter(pipelines.Parameter{Name: "size", Type: pipelines.Integer})
	day := p.Parameter(pipelines.Parameter{Name: "day"})
	big := size.Greater(10).And(size.LessOrEqual(1000))
	p.If(big.And(day.NotEqual("sunday")), func(s *pipelines.Scope) {
		s.Task("call", pipelines.Call(), pipelines.Inputs{"url": "https://hello.example.com/"})
	})

	spec, err := p.Compile()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(spec.Root.Dag.Tasks["condition-1"].TriggerPolicy.Condition)
	// Output:
	// int(inputs.parameter_values['pipelinechannel--size']) > 10 && int(inputs.parameter_values['pipelinechannel--size']) <= 1000 && inputs.parameter_values['pipelinechannel--day'] != 'sunday'
}

// A task may wait for another whose outputs it does not take, be tried again as a
// whole, and say what its container gets.
func ExampleTask() {
	p := pipelines.New("in-order")
	drain := p.Task("drain", pipelines.Call(), pipelines.Inputs{"url": "https://hello.example.com/drain"})
	reload := p.Task("reload", pipelines.Call(), pipelines.Inputs{"url": "https://hello.example.com/reload", "idempotency_key": "auto"})
	reload.After(drain)
	reload.Retry = &pipelines.Retry{Max: 2, Backoff: 30 * time.Second}
	reload.Resources = pipelines.Resources{CPU: "1", Memory: "512Mi"}

	spec, err := p.Compile()
	if err != nil {
		log.Fatal(err)
	}
	task := spec.Root.Dag.Tasks["reload"]
	fmt.Println(task.DependentTasks, task.RetryPolicy.MaxRetryCount)
	// Output: [drain] 2
}

// The built-in pipelines are pipelines like any other, and may be added to.
func ExampleCloudRun() {
	p := pipelines.CloudRun(pipelines.Call())
	p.Task("report", pipelines.Call(), pipelines.Inputs{"url": "https://alerts.example.com/"})
	spec, err := p.Compile()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(spec.PipelineInfo.Name, len(spec.Root.Dag.Tasks))
	// Output: auth-pipeline-cloudrun 2
}

// An app behind Identity-Aware Proxy needs its client id as the audience.
func ExampleIAP() {
	spec, err := pipelines.IAP(pipelines.Call()).Compile()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(spec.Root.InputParameters()["audience"].Required())
	// Output: true
}

func ExampleNames() {
	fmt.Println(pipelines.Names())
	// Output: [cloudrun iap]
}
