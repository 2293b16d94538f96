package component_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/component"
)

// What is wrong with the input is told before anything is sent.
func ExampleInputError() {
	config, policy, err := component.FromEnvironment()
	if err != nil {
		log.Fatal(err)
	}
	config.URL = "ftp://files.example.com/"
	_, err = component.NewCaller(config, policy, zerolog.Nop())
	var refused *component.InputError
	fmt.Println(errors.As(err, &refused), refused)
	// Output: true url has the scheme "ftp", want https
}

// An answer that is not a success fails the step. The outputs are written all the
// same, and the error has the answer for whoever wants to look at it.
func ExampleAnswerError() {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no such report", http.StatusNotFound)
	}))
	defer service.Close()
	dir, err := os.MkdirTemp("", "step-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	config, policy, err := component.FromEnvironment()
	if err != nil {
		fmt.Println(err)
		return
	}
	step := &component.Step{Config: config, Policy: policy, Log: zerolog.Nop()}
	err = step.Run(context.Background(), fmt.Sprintf(`{
		"inputs": {"parameterValues": {"url": %q, "auth": "none"}},
		"outputs": {"parameters": {"status_code": {"outputFile": %q}}}
	}`, service.URL, filepath.Join(dir, component.OutputStatusCode)))

	var answer *component.AnswerError
	if errors.As(err, &answer) {
		fmt.Print(answer.Outcome.Answer.Status, " ", answer.Outcome.Text)
		fmt.Println("exit code", answer.Outcome.Finding().Code)
	}
	written, err := os.ReadFile(filepath.Join(dir, component.OutputStatusCode))
	fmt.Println(string(written), err)
	// Output:
	// 404 no such report
	// exit code 1
	// 404 <nil>
}

// All that is wrong is told at once, and on one line.
func ExampleConfig_Validate() {
	config, _, err := component.FromEnvironment()
	if err != nil {
		log.Fatal(err)
	}
	config.Method, config.MaxAttempts = "get", 0
	fmt.Println(config.Validate())
	// Output:
	// url is missing, want https://host/path; method is "get", want GET, POST, PUT, PATCH, DELETE or another upper-case HTTP method; max_attempts is 0, want 1 to 10
}
