package authpipe

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/authcall/authcall/component"
	"github.com/authcall/authcall/internal/cli/authpipe/componentyaml"
)

// The forms of a component.
const (
	componentFormat = "component"
	notifierFormat  = "notifier"
	irFormat        = "ir"
)

type componentOptions struct {
	// image is the image that the component runs.
	image string
	// format is the form that is written.
	format string
	// settings are for the form of a pipeline alone.
	settings componentyaml.Settings
	// output is the file that is written, empty for YAML on standard output and
	// json for JSON there.
	output string
}

const componentHelp = `Writes the step for pipelines in Python, in one of three forms:

  component  component.yaml, which kfp.components.load_component_from_file loads
  notifier   the same for the exit task of a dsl.ExitHandler: it gets final_status,
             an input that the SDK lets no other task have
  ir         a pipeline of one task, which keeps caching off, retries and resources;
             the SDK loads it too, and it can be submitted as it is

A retry starts the step again whatever it failed of. Give idempotency_key where the
service heeds it and the call must not happen twice.`

const componentExample = `  authpipe component --image registry.example.com/team/authcall:v1 -o component.yaml
  authpipe component --format notifier -o notifier.yaml
  authpipe component --format ir --retries 2 -o call.yaml`

func newComponent(f *factory, run func(context.Context, componentOptions) error) *cobra.Command {
	if run == nil {
		run = func(_ context.Context, o componentOptions) error { return writeComponent(f, o) }
	}
	var o componentOptions
	cmd := &cobra.Command{
		Use:     "component",
		Short:   "Write component.yaml for pipelines in Python",
		Long:    componentHelp,
		Example: componentExample,
		Args:    exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(cmd); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.image, "image", component.DefaultImage(), "`IMAGE` that the component runs")
	flags.StringVar(&o.format, "format", componentFormat, "`component|notifier|ir`: the form to write")
	flags.IntVar(&o.settings.Retries, "retries", 0, "with --format ir: start a failed step again, up to `N` times")
	flags.StringVar(&o.settings.CPU, "cpu", "1", "with --format ir: `QUANTITY` of cores that the step gets")
	flags.StringVar(&o.settings.Memory, "memory", "512Mi", "with --format ir: `QUANTITY` of memory that the step gets")
	flags.StringVarP(&o.output, "output", "o", "", "`FILE` to write, as JSON where it ends in .json; json: write JSON to stdout (default: YAML to stdout)")
	return cmd
}

func (o componentOptions) check(cmd *cobra.Command) error {
	if o.image == "" {
		return usageErrorf("--image is empty")
	}
	if err := checkImage(o.image); err != nil {
		return err
	}
	if o.settings.Retries < 0 {
		return usageErrorf("--retries is negative")
	}
	for _, name := range []string{"retries", "cpu", "memory"} {
		if o.format != irFormat && cmd.Flags().Changed(name) {
			return usageErrorf("--%s needs --format ir: the other forms have no place for it", name)
		}
	}
	return nil
}

func writeComponent(f *factory, o componentOptions) error {
	data, err := o.generate()
	if err != nil {
		return err
	}
	if o.output == string(jsonFormat) {
		return writeJSON(f.stdout, data)
	}
	if filepath.Ext(o.output) != ".json" {
		return writeOutput(f.stdout, o.output, data)
	}
	var text bytes.Buffer
	if err := writeJSON(&text, data); err != nil {
		return err
	}
	return writeOutput(f.stdout, o.output, text.Bytes())
}

// writeJSON writes YAML as JSON.
func writeJSON(w io.Writer, data []byte) error {
	var document any
	if err := yaml.Unmarshal(data, &document); err != nil {
		return err
	}
	return printJSON(w, document)
}

func (o componentOptions) generate() ([]byte, error) {
	switch o.format {
	case componentFormat:
		return componentyaml.Component(o.image)
	case notifierFormat:
		return componentyaml.Notifier(o.image)
	case irFormat:
		data, err := componentyaml.Pipeline(o.image, o.settings)
		if err != nil {
			return nil, usageErrorf("%w", err)
		}
		return data, nil
	}
	return nil, usageErrorf("--format is %q, want %s", o.format, strings.Join([]string{componentFormat, notifierFormat, irFormat}, ", "))
}
