package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// plainStep measures the step with everything over plain http on loopback: what
// is left is start-up, work and memory of the programs themselves.
func (w *world) plainStep(ctx context.Context) error {
	return w.step(ctx, "One step over http", w.url, w.env)
}

// tlsStep measures the step with IAM and the service behind TLS, as the real
// ones always are.
func (w *world) tlsStep(ctx context.Context) error {
	iam, err := newFront(lookup(w.env, "AUTHCALL_IAM_ENDPOINT"))
	if err != nil {
		return err
	}
	defer iam.Close()
	service, err := newFront(w.url)
	if err != nil {
		return err
	}
	defer service.Close()
	roots := filepath.Join(w.dir, "roots.pem")
	if err := writeRoots(roots, iam, service); err != nil {
		return err
	}
	env := slices.Concat(w.env, []string{
		"AUTHCALL_IAM_ENDPOINT=" + iam.URL,
		"SSL_CERT_FILE=" + roots,
		"REQUESTS_CA_BUNDLE=" + roots,
	})
	return w.step(ctx, "One step over TLS", service.URL, env)
}

// step measures ours beside the bare program and the Python flow.
func (w *world) step(ctx context.Context, title, url string, env []string) error {
	outputs := filepath.Join(w.dir, "out")
	input, err := w.executorInput(url, outputs)
	if err != nil {
		return err
	}
	flow, err := repositoryFile("tests", "conformance", "python", "flow.py")
	if err != nil {
		return err
	}
	summaries, err := w.meter.interleave(ctx, []subject{
		{"authcall component", w.runs, []string{filepath.Join(w.bin, "authcall"), "component", "--executor_input", input}, env, outputs},
		{"bare Go program", w.runs, []string{filepath.Join(w.bin, "bare"), url, w.account, w.audience}, env, ""},
		{"Python on google-auth", w.pythonRuns, []string{w.python, flow, url, "--service-account", w.account, "--audience", w.audience}, env, ""},
	})
	if err != nil {
		return err
	}
	return table(os.Stdout, title, summaries, target{over: 0, under: 1, most: 1.5}, target{over: 2, under: 0, least: 20})
}

// executorInput is what a KFP runtime passes for {{$}}.
func (w *world) executorInput(url, out string) (string, error) {
	file := func(name string) map[string]any { return map[string]any{"outputFile": filepath.Join(out, name)} }
	input := map[string]any{
		"inputs": map[string]any{"parameterValues": map[string]any{
			"url": url, "service_account": w.account, "audience": w.audience,
		}},
		"outputs": map[string]any{
			"parameters": map[string]any{
				"status_code": file("status_code"), "response_text": file("response_text"), "result": file("result"),
			},
			"artifacts": map[string]any{"response": map[string]any{"artifacts": []any{map[string]any{
				"name": "response", "uri": filepath.Join(out, "response"),
				"type": map[string]any{"schemaTitle": "system.Artifact", "schemaVersion": "0.0.1"},
			}}}},
			"outputFile": filepath.Join(out, "executor_output.json"),
		},
	}
	text, err := json.Marshal(input)
	if err != nil {
		return "", fmt.Errorf("executor input: %w", err)
	}
	return string(text), nil
}
