package component_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/component"
)

// A call from a program of one's own: here to a server that asks for no
// credential.
func ExampleCaller_Call() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, `{"got": %s}`, body)
	}))
	defer server.Close()

	config, policy, err := component.FromEnvironment()
	if err != nil {
		log.Fatal(err)
	}
	config.URL, config.Body, config.Auth, config.Result = server.URL, `{"n": 1}`, component.AuthNone, ".body.got.n"
	caller, err := component.NewCaller(config, policy, zerolog.Nop())
	if err != nil {
		log.Fatal(err)
	}
	outcome, err := caller.Call(context.Background(), component.Receiver{Body: os.Stdout})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println()
	fmt.Println(outcome.Answer.Status, outcome.Success, outcome.Result)
	// Output:
	// {"got": {"n": 1}}
	// 200 true 1
}

// What a call needs can be looked at before it is made.
func ExampleCaller_Check() {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()

	config, policy, err := component.FromEnvironment()
	if err != nil {
		log.Fatal(err)
	}
	config.URL, config.Auth = server.URL, component.AuthNone
	caller, err := component.NewCaller(config, policy, zerolog.Nop())
	if err != nil {
		log.Fatal(err)
	}
	for _, check := range caller.Check(context.Background()) {
		fmt.Println(check.OK, check.Name+":", check.Detail)
	}
	// Output:
	// true token: none is sent
	// true target: 404 Not Found
}

// Everything that is wrong with a config is told at once, before anything is
// sent, with the exit code of the program.
func ExampleExplain() {
	config := component.Config{URL: "hello", Method: "POST", TimeoutSeconds: 0, MaxAttempts: 3, PollIntervalSeconds: 10}
	_, err := component.NewCaller(config, component.Policy{}, zerolog.Nop())
	finding := component.Explain(err)
	fmt.Println(finding.Code, finding)
	// Output:
	// 2 url is "hello", want https://host/path; timeout_seconds is 0, want 1 to 86400
}

// Options are set by their input names, from text.
func ExampleConfig_Set() {
	var config component.Config
	fmt.Println(config.Set("headers", `{"X-Team": "ml"}`), config.Headers["X-Team"])
	fmt.Println(config.Set("max_attempts", "many"))
	// Output:
	// <nil> ml
	// max_attempts: want a whole number
}

// Without a URL, an audience says what a token is for.
func ExampleToken() {
	config := component.Config{Auth: component.AuthIDToken, TimeoutSeconds: 10}
	_, err := component.Token(context.Background(), config, component.Policy{}, zerolog.Nop())
	fmt.Println(err)
	// Output:
	// audience is missing, want it or the URL that it is for
}

// The environment's policy is checked like every other input.
func ExamplePolicy() {
	if err := os.Setenv("AUTHCALL_IAM_ENDPOINT", "http://iam.example/"); err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.Unsetenv("AUTHCALL_IAM_ENDPOINT") }()
	_, _, err := component.FromEnvironment()
	fmt.Println(err)
	// Output:
	// AUTHCALL_IAM_ENDPOINT is http://iam.example/, want https, or http on a loopback address
}
