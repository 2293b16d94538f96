package config

import (
	"bytes"
	"context"
	"errors"
	"io"

	"go.yaml.in/yaml/v3"

	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/internal/yamlfault"
)

// Options are what stands beside the file.
type Options struct {
	// Defaults are for the fields that the file leaves out; of its fields URL,
	// Project, Location, PipelineRoot and ServiceAccount count.
	Defaults Config
	// Override goes before what the file says; Project and Location count.
	Override Config
	// Load reads and checks a pipeline by its name.
	Load func(ctx context.Context, name string) (*pipelinespec.Spec, error)
}

// Parse reads a configuration and checks it, all of it; the error tells every
// fault with its line.
func Parse(ctx context.Context, data []byte, o Options) (*Config, error) {
	document, err := readDocument(data)
	if err != nil {
		return nil, err
	}
	c := &Config{OnBadEvent: Reject, Limits: defaultLimits()}
	f := &faults{document: document}
	if err := decode(data, c); err != nil {
		f.all = append(f.all, err)
	}
	c.fill(o)
	c.check(f)
	c.compile(ctx, f, o)
	if len(f.all) > 0 {
		return nil, errors.Join(f.all...)
	}
	return c, nil
}

// readDocument reads the file as the one document that it is.
func readDocument(data []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	document := new(yaml.Node)
	if err := decoder.Decode(document); errors.Is(err, io.EOF) {
		return nil, errors.New("it is empty")
	} else if err != nil {
		return nil, yamlfault.Plain(err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one YAML document")
	}
	return document, nil
}

// decode fills in what it can and tells what it cannot.
func decode(data []byte, c *Config) error {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(c); err != nil {
		return yamlfault.Plain(err)
	}
	return nil
}
