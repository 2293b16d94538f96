package authpipe

import (
	"context"
	"time"

	"github.com/spf13/cobra"
)

type submitOptions struct {
	// source is the pipeline.
	source source
	// parameters are its values.
	parameters parameterFlags
	placeFlags
	// serviceAccount is the email of the account that the steps run as.
	serviceAccount string
	// pipelineRoot is the gs:// folder for artifacts.
	pipelineRoot string
	// jobID is the run's id; empty means one that is made.
	jobID string
	// displayName is the run's name for people; empty means the pipeline's.
	displayName string
	// labels are kept with the run.
	labels map[string]string
	// caching is true or false to say whether steps may be served from a cache,
	// and empty to leave it to the spec.
	caching string
	// wait is whether to wait for the run's end.
	wait bool
	// detach is the opposite of wait, by another name.
	detach bool
	// timeout bounds the wait; 0 does not.
	timeout time.Duration
	// dryRun prints the request instead of sending it.
	dryRun bool
	// output is json or empty.
	output format
}

const submitHelp = `Compiles a built-in pipeline or reads a spec, checks it and its parameters, submits
it as a PipelineJob and waits for its end, telling of its tasks as they go. The exit
code tells how the run ended.

With --local the very same request goes to an embedded local Google, which lives as
long as the command and runs the steps on this machine. Parameters that are not given
call its example service there. What --image names is taken for a copy of the step's own
image, which needs no container engine.

` + sourceHelp

const submitExample = `  authpipe submit cloudrun --local
  authpipe submit cloudrun --local -p url=http://127.0.0.1:8080/work -p method=GET
  authpipe submit pipeline.yaml --params-file values.yaml --detach -o json
  authpipe submit iap -p url=https://app.example.com -p audience=1234.apps.googleusercontent.com \
    --project my-project --location us-central1 --pipeline-root gs://my-bucket/runs \
    --service-account pipeline@my-project.iam.gserviceaccount.com`

func newSubmit(f *factory, run func(context.Context, submitOptions) error) *cobra.Command {
	if run == nil {
		run = func(ctx context.Context, o submitOptions) error { return submit(ctx, f, o) }
	}
	var o submitOptions
	cmd := &cobra.Command{
		Use:     "submit " + sourceArg,
		Short:   "Submit a pipeline and wait for its end",
		Long:    submitHelp,
		Example: submitExample,
		Args:    exactArgs(sourceArg),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.source.name = args[0]
			if err := o.check(); err != nil {
				return err
			}
			o.wait = o.wait && !o.detach
			return run(cmd.Context(), o)
		},
	}
	o.register(cmd)
	return cmd
}

func (o *submitOptions) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVarP(&o.parameters.pairs, "param", "p", nil, "`NAME=VALUE` of a parameter, may be repeated")
	flags.StringVar(&o.parameters.file, "params-file", "", "JSON or YAML `FILE` of parameters; -p wins over it")
	o.placeFlags.register(flags)
	flags.StringVar(&o.pipelineRoot, "pipeline-root", "", "gs:// `FOLDER` for artifacts (AUTHPIPE_PIPELINE_ROOT)")
	flags.StringVar(&o.serviceAccount, "service-account", "", "`EMAIL` of the account that the steps run as (AUTHPIPE_SERVICE_ACCOUNT)")
	flags.BoolVar(&o.wait, "wait", true, "wait for the run's end; the exit code tells of it")
	flags.BoolVar(&o.detach, "detach", false, "return as soon as the run is submitted")
	flags.DurationVar(&o.timeout, "timeout", 0, "longest wait, as in 90s or 2h; the run goes on after it (default: none)")
	flags.StringVar(&o.displayName, "display-name", "", "`NAME` of the run for people (default: the pipeline's)")
	flags.StringVar(&o.jobID, "job-id", "", "`ID` of the run (default: made from the pipeline's name and the time)")
	flags.StringToStringVar(&o.labels, "label", nil, "`KEY=VALUE` of a label, may be repeated")
	flags.Lookup("label").DefValue = "" // the library would show an empty list
	flags.StringVar(&o.caching, "enable-caching", "", "`true|false`: whether tasks may be served from a cache (default: as the spec says)")
	o.source.registerImage(flags)
	flags.BoolVar(&o.dryRun, "dry-run", false, "check everything and print the request as JSON, send nothing")
	o.output.register(flags)
}

// check tells of flags that contradict each other.
func (o *submitOptions) check() error {
	conflicts := []struct {
		wrong   bool
		message string
	}{
		{o.caching != "" && o.caching != "true" && o.caching != "false", "--enable-caching=" + o.caching + ": want true or false"},
		{o.timeout < 0, "--timeout is negative"},
		{o.timeout > 0 && (o.detach || !o.wait), "--timeout bounds a wait: it does not go with --detach"},
		{o.local.on && (o.detach || !o.wait), "with --local the run ends with the command: --detach does not go with it"},
	}
	for _, c := range conflicts {
		if c.wrong {
			return usageErrorf("%s", c.message)
		}
	}
	return o.placeFlags.check()
}
