package component_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/component"
)

// A function becomes a component; its main is os.Exit(sum().Main(os.Args[1:])).
func ExampleFunc() {
	type inputs struct {
		Numbers []float64 `desc:"Numbers to add."`
		Start   float64   `default:"0" desc:"Where to start."`
	}
	type outputs struct {
		Sum float64 `desc:"Their sum."`
	}
	sum := component.Func("Sum", "Adds numbers.", func(_ context.Context, in inputs, out *outputs) error {
		out.Sum = in.Start
		for _, n := range in.Numbers {
			out.Sum += n
		}
		return nil
	})
	dir, err := os.MkdirTemp("", "sum-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	// What a KFP runtime passes in place of {{$}}.
	input := fmt.Sprintf(`{"inputs": {"parameterValues": {"numbers": [1, 2.5]}}, "outputs": {"parameters": {"sum": {"outputFile": %q}}}}`, filepath.Join(dir, "sum"))
	if err := sum.Run(context.Background(), input); err != nil {
		fmt.Println(err)
		return
	}
	written, err := os.ReadFile(filepath.Join(dir, "sum"))
	fmt.Println(string(written), err)
	// Output: 3.5 <nil>
}

// The definition of a component is what the KFP SDK loads.
func ExampleDefinition_JSON() {
	data, err := component.Definition{
		Name:    "Say hello",
		Inputs:  []component.Parameter{{Name: "name", Type: "String", Default: "world", Optional: true}},
		Image:   "registry.example.com/hello:v1",
		Command: []string{"/hello"},
	}.JSON()
	fmt.Println(string(data), err)
	// Output:
	// {
	//   "name": "Say hello",
	//   "description": "",
	//   "inputs": [
	//     {
	//       "name": "name",
	//       "type": "String",
	//       "default": "world"
	//     }
	//   ],
	//   "implementation": {
	//     "container": {
	//       "image": "registry.example.com/hello:v1",
	//       "command": [
	//         "/hello"
	//       ],
	//       "args": [
	//         "--executor_input",
	//         {
	//           "executorInput": null
	//         }
	//       ]
	//     }
	//   }
	// }
	//  <nil>
}

// An artifact is a file that the step writes to, or reads.
func ExampleOutputArtifact() {
	type inputs struct {
		Table component.InputArtifact `desc:"Rows, one a line."`
	}
	type outputs struct {
		Upper component.OutputArtifact `desc:"The same in capitals."`
	}
	upper := component.Func("Upper", "Puts a table into capitals.", func(_ context.Context, in inputs, out *outputs) error {
		data, err := os.ReadFile(in.Table.Path)
		if err != nil {
			return err
		}
		out.Upper.Metadata = map[string]any{"rows": strings.Count(string(data), "\n")}
		_, err = io.WriteString(&out.Upper, strings.ToUpper(string(data)))
		return err
	})
	for _, p := range upper.Definition("registry.example.com/upper:v1").Outputs {
		fmt.Println(p.Name, p.Type, p.Description)
	}
	// Output: upper Artifact The same in capitals.
}

// The component's interface, as component.yaml and the flags have it.
func ExampleInputs() {
	for _, in := range component.Inputs() {
		if !in.Optional {
			fmt.Println(in.Name, in.Type, in.Description)
		}
	}
	// Output: url String URL to call.
}

func ExampleOutputs() {
	for _, out := range component.Outputs() {
		fmt.Println(out.Name, out.Type)
	}
	// Output:
	// status_code Integer
	// response_text String
	// result String
	// response Artifact
}

// A step makes the call that an executor input describes, and writes its outputs.
func ExampleStep_Run() {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ready": true}`)
	}))
	defer service.Close()
	config, policy, err := component.FromEnvironment()
	if err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "step-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	step := &component.Step{Config: config, Policy: policy, Log: zerolog.Nop()}
	err = step.Run(context.Background(), fmt.Sprintf(`{
		"inputs": {"parameterValues": {"url": %q, "auth": "none", "result": ".body.ready"}},
		"outputs": {"parameters": {"result": {"outputFile": %q}}}
	}`, service.URL, filepath.Join(dir, "result")))
	if err != nil {
		fmt.Println(component.Explain(err))
		return
	}
	result, err := os.ReadFile(filepath.Join(dir, "result"))
	fmt.Println(string(result), err)
	// Output: true <nil>
}
