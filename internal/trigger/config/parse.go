package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/authcall/authcall/internal/pipelinespec"
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
	f.all = append(f.all, decode(data, c)...)
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
		return nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one YAML document")
	}
	return document, nil
}

// ofType is how the YAML library names our types, which tells users nothing.
var ofType = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(` (in type|into) (\[\])?\*?[a-z]+\.[A-Z]\w*`)
})

// decode fills in what it can and tells what it cannot.
func decode(data []byte, c *Config) []error {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	err := decoder.Decode(c)
	if wrong, ok := errors.AsType[*yaml.TypeError](err); ok {
		all := make([]error, len(wrong.Errors))
		for i, text := range wrong.Errors {
			all[i] = errors.New(ofType().ReplaceAllString(text, ""))
		}
		return all
	}
	if err != nil {
		return []error{fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "yaml: "))}
	}
	return nil
}
