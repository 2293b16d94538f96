package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/localgcp"
	"github.com/authcall/authcall/tests/internal/pyenv"
)

// stepAccount is the account that the measured steps run under.
const stepAccount = "pipeline@local-project.iam.gserviceaccount.com"

// world is what the subjects run in: one local Google in this process, the
// built programs, and a Python.
type world struct {
	options
	meter  meter
	dir    string
	python string
	google *localgcp.Server
	// env is what a step of the pipeline finds in its environment.
	env []string
	// url, account and audience say what is called, as whom.
	url, account, audience string
}

func newWorld(ctx context.Context, o options, dir string) (*world, error) {
	python, err := pyenv.Ensure(ctx)
	if err != nil {
		return nil, fmt.Errorf("python: %w", err)
	}
	google, err := localgcp.Start(ctx, localgcp.Options{StateDir: filepath.Join(dir, "google"), Log: zerolog.Nop()})
	if err != nil {
		return nil, fmt.Errorf("start the local Google: %w", err)
	}
	env, err := google.StepEnv(stepAccount)
	if err != nil {
		_ = google.Close()
		return nil, err
	}
	example, origin := google.Example("cloudrun"), google.ServiceURL("hello")
	return &world{
		options:  o,
		meter:    meter{path: filepath.Join(o.bin, "meter")},
		dir:      dir,
		python:   python,
		google:   google,
		env:      append(basicEnv(dir), env...),
		url:      example["url"],
		account:  example["service_account"],
		audience: origin,
	}, nil
}

func (w *world) close() { _ = w.google.Close() }

// lookup reads a variable of a step's environment.
func lookup(env []string, name string) string {
	for _, e := range env {
		if value, ok := strings.CutPrefix(e, name+"="); ok {
			return value
		}
	}
	return ""
}

// repositoryFile finds a file of the tree that the benchmark is run from.
func repositoryFile(parts ...string) (string, error) {
	path, err := filepath.Abs(filepath.Join(parts...))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("run this at the root of the repository: %w", err)
	}
	return path, nil
}
