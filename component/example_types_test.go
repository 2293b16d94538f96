package component_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/authcall/authcall/component"
)

// Options that are objects are maps in Go, and JSON in the environment, in flags
// and in a pipeline.
func ExampleStringMap() {
	var config component.Config
	config.Headers = component.StringMap{"X-Team": "ml"}
	fmt.Println(config.Set("query", `{"day": "2026-01-02"}`), config.Query["day"])
	fmt.Println(config.Set("headers", `{"X-Attempts": 3}`), config.Headers)
	// Output:
	// <nil> 2026-01-02
	// headers: want a JSON object of strings such as {"Name": "value"} map[X-Team:ml]
}

// A list is written as JSON, or as names with commas between them.
func ExampleStringList() {
	var list component.StringList
	fmt.Println(list.Decode(`["a@example.com", "b@example.com"]`), len(list))
	fmt.Println(list.Decode("a@example.com, b@example.com"), len(list))
	// Output:
	// <nil> 2
	// <nil> 2
}

// The credential that a call carries follows from its URL, unless it is given.
func ExampleAuthKind() {
	for _, kind := range []component.AuthKind{component.AuthAuto, component.AuthIDToken, component.AuthIAPJWT, component.AuthAccessToken, component.AuthNone} {
		var config component.Config
		fmt.Println(kind, config.Set("auth", string(kind)))
	}
	// Output:
	// auto <nil>
	// id-token <nil>
	// iap-jwt <nil>
	// access-token <nil>
	// none <nil>
}

// The exit task of a pipeline is told how that ended.
func ExampleFinalStatus() {
	type inputs struct {
		Status component.FinalStatus `desc:"How the pipeline ended."`
	}
	mourn := component.Func("Mourn", "Tells of a pipeline that failed.", func(_ context.Context, in inputs, _ *struct{}) error {
		if strings.Contains(string(in.Status), `"FAILED"`) {
			fmt.Println("it is over")
		}
		return nil
	})
	fmt.Println(mourn.Definition("registry.example.com/mourn:v1").Inputs[0].Type == component.TypeFinalStatus)
	fmt.Println(mourn.Run(context.Background(), `{"inputs": {"parameterValues": {"status": {"state": "FAILED"}}}}`))
	// Output:
	// true
	// it is over
	// <nil>
}

// A component's main is os.Exit(hello.Main(os.Args[1:])): it ends with exit code 0,
// or with what is wrong on stderr and 1, or 2 where that is its input.
func ExampleProgram_Main() {
	type inputs struct {
		Name string `default:"world"`
	}
	hello := component.Func("Hello", "Greets.", func(_ context.Context, in inputs, _ *struct{}) error {
		fmt.Println("hello,", in.Name)
		return nil
	})
	fmt.Println(hello.Main([]string{"--executor_input", `{"inputs": {"parameterValues": {"name": "KFP"}}}`}))
	// Output:
	// hello, KFP
	// 0
}

// Defaults come with what AUTHCALL_* variables say over them.
func ExampleFromEnvironment() {
	if err := os.Setenv("AUTHCALL_TIMEOUT_SECONDS", "30"); err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.Unsetenv("AUTHCALL_TIMEOUT_SECONDS") }()
	config, policy, err := component.FromEnvironment()
	fmt.Println(config.Method, config.TimeoutSeconds, policy.Logging().Level, err)
	// Output: POST 30 info <nil>
}

// What a pipeline compiler writes into a container, in whose image the step is.
func ExampleCommand() {
	fmt.Println(component.Command(), component.Args())
	fmt.Println(strings.HasPrefix(component.DefaultImage(), component.Repository+":"))
	// Output:
	// [/authcall component] [--executor_input {{$}}]
	// true
}
