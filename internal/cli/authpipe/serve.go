package authpipe

import (
	"context"

	"github.com/spf13/cobra"
)

type serveOptions struct {
	// config is the file that says which events start what.
	config string
	// listen is the address for events; empty means that of the environment, or
	// port 8080.
	listen string
	// metricsListen is the address for the metrics alone; empty means that they are
	// with the events.
	metricsListen string
	// keysURL is where the keys are that sign tokens; empty means the default.
	keysURL string
	placeFlags
	// check ends after the configuration has been checked.
	check bool
	// printConfig prints an example of a configuration.
	printConfig bool
	// envFile gets the address, once it serves.
	envFile string
	// logLevel and logFormat are about the log on stderr.
	logLevel, logFormat string
	// output is json or empty.
	output format
}

const serveHelp = `Receives events from Cloud Scheduler, Cloud Tasks, Pub/Sub, Eventarc or any client with
an ID token, and submits a pipeline for each: one run, however often it is delivered. The
configuration says which path takes events from whom, and how they become parameters.

The token of a request is verified before anything else: Google's signature, the
audience, its time, and its holder, who has to be among the route's callers.

Besides the routes it serves /healthz, /readyz and /metrics. SIGTERM ends it once the
deliveries under way are worked off. It listens on the port in PORT, as Cloud Run wants
it, or on 8080.

With --local the runs go to an embedded local Google. Without --config there, it has one
route, and it prints a command that sends an event to it.`

const serveExample = `  authpipe serve --local
  authpipe serve --print-config > events.yaml
  authpipe serve --check --config events.yaml
  authpipe serve --config events.yaml`

func newServe(f *factory, run func(context.Context, serveOptions) error) *cobra.Command {
	if run == nil {
		run = func(ctx context.Context, o serveOptions) error { return serveEvents(ctx, f, o) }
	}
	var o serveOptions
	cmd := &cobra.Command{
		Use:     "serve",
		Short:   "Receive events with ID tokens and submit a pipeline for each",
		Long:    serveHelp,
		Example: serveExample,
		Args:    exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.complete(); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.config, "config", "", "`FILE` that says which events start what; see --print-config")
	flags.BoolVar(&o.check, "check", false, "check the configuration and the pipelines that it names, and end")
	flags.BoolVar(&o.printConfig, "print-config", false, "print an example of a configuration, with comments")
	flags.StringVar(&o.listen, "listen", "", "`ADDRESS` to listen on (default: the port in PORT, or :8080; with --local 127.0.0.1:8080)")
	flags.StringVar(&o.metricsListen, "metrics-listen", "", "`ADDRESS` for /metrics alone (default: with the events)")
	flags.StringVar(&o.keysURL, "keys-url", "", "`URL` of the keys that sign tokens (AUTHPIPE_KEYS_URL; default: Google's)")
	o.placeFlags.register(flags)
	flags.StringVar(&o.envFile, "env-file", "", "`FILE` to write AUTHPIPE_SERVE_URL to once it serves, and with --local the local Google's environment")
	flags.StringVar(&o.logLevel, "log-level", "info", "`LEVEL` of the log on stderr: debug, info, warn or error")
	flags.StringVar(&o.logFormat, "log-format", "", "`FORMAT` of the log: text or json (default: text on a terminal, json elsewhere)")
	o.output.register(flags)
	return cmd
}

// complete tells of flags that contradict each other.
func (o *serveOptions) complete() error {
	switch {
	case o.printConfig:
		return nil
	case o.config == "" && !o.local.on:
		return usageErrorf("--config is missing: authpipe serve --print-config prints an example, authpipe serve --local needs none")
	case o.logFormat != "" && o.logFormat != "text" && o.logFormat != "json":
		return usageErrorf("--log-format=%s: want text or json", o.logFormat)
	}
	return o.placeFlags.check()
}
