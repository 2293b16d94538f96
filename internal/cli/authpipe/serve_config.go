package authpipe

import (
	"bytes"
	"context"
	_ "embed" // for serve_example.yaml
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/authcall/authcall/internal/cli/authpipe/remote"
	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/internal/trigger/config"
)

//go:embed serve_example.yaml
var serveExampleYAML []byte

// printExample prints the example of a configuration.
func (o serveOptions) printExample(f *factory) error {
	if o.output != jsonFormat {
		return writeOutput(f.stdout, "", bytes.Clone(serveExampleYAML))
	}
	var all map[string]any
	if err := yaml.Unmarshal(serveExampleYAML, &all); err != nil {
		return err
	}
	return printJSON(f.stdout, all)
}

// readConfig reads and checks the configuration for a venue; url is the receiver's
// where the file names none.
func (o serveOptions) readConfig(ctx context.Context, f *factory, v *venue, url string) (*config.Config, error) {
	data, err := o.configData(v)
	if err != nil {
		return nil, err
	}
	account, _ := v.account("", f.defaults) // where there is none, the check tells of it
	root, _ := v.root("", f.defaults, "")
	c, err := config.Parse(ctx, data, config.Options{
		Defaults: config.Config{URL: url, Project: v.project, Location: v.location, PipelineRoot: root, ServiceAccount: account},
		Override: o.override(v),
		Load: func(ctx context.Context, name string) (*pipelinespec.Spec, error) {
			return o.beside(name).load(ctx, f)
		},
	})
	if err != nil {
		return nil, usageErrorf("%s: %w", o.configName(), err)
	}
	return c, nil
}

// override is what goes before the file: the flags, and a local Google's own place.
func (o serveOptions) override(v *venue) config.Config {
	if v.local != nil {
		return config.Config{Project: v.project, Location: v.location}
	}
	return config.Config{Project: o.cloud.project, Location: o.cloud.location}
}

func (o serveOptions) configName() string {
	if o.config == "" {
		return "the local route"
	}
	return o.config
}

func (o serveOptions) configData(v *venue) ([]byte, error) {
	if o.config == "" {
		return localRoute(v), nil
	}
	data, err := os.ReadFile(o.config)
	if err != nil {
		return nil, usageErrorf("reading the configuration: %w", err)
	}
	return data, nil
}

// beside finds a pipeline's file beside the configuration.
func (o serveOptions) beside(name string) source {
	s := source{name: name}
	if s.builtin() || remote.IsURL(name) || filepath.IsAbs(name) {
		return s
	}
	return source{name: filepath.Join(filepath.Dir(o.config), name)}
}

// localRoute is the configuration of a first try: whoever the example service lets
// in may send events, each of which calls that service.
func localRoute(v *venue) []byte {
	example := v.local.Example("cloudrun")
	return fmt.Appendf(nil, `routes:
  - path: /events
    from: http
    callers: [%s]
    pipeline: cloudrun
    parameters:
      url: %s
      service_account: %s
      body: .text
`, example["service_account"], quoted(example["url"]), quoted(example["service_account"]))
}

// quoted is a text as a jq expression in YAML.
func quoted(text string) string {
	expression, _ := json.Marshal(text)           // a string is always JSON
	quoted, _ := json.Marshal(string(expression)) // and JSON is YAML
	return string(quoted)
}
