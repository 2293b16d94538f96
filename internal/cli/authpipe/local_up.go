package authpipe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/authcall/authcall/internal/interrupt"
	"github.com/authcall/authcall/internal/localgcp"
)

type localUpOptions struct {
	// local says what it holds and where it keeps it.
	local localFlags
	// envFile gets the environment too, once everything serves.
	envFile string
	// output is json or empty.
	output format
	// verbose logs every request.
	verbose bool
}

const localUpHelp = `Runs the embedded local Google until Ctrl-C or SIGTERM: a metadata server, the IAM
Credentials API, Vertex AI's pipeline service, and example services behind the front
doors of Cloud Run and IAP, all on 127.0.0.1.

On stdout it prints the environment that points other clients at it, once it serves,
as export lines for a shell's eval; with -o json as the object "environment".`

const localUpExample = `  authpipe local up --env-file local.env &
  . ./local.env
  authcall token --service-account caller@local-project.iam.gserviceaccount.com --audience https://example.com`

func newLocalUp(f *factory, run func(context.Context, localUpOptions) error) *cobra.Command {
	if run == nil {
		run = func(ctx context.Context, o localUpOptions) error { return localUp(ctx, f, o) }
	}
	var o localUpOptions
	cmd := &cobra.Command{
		Use:     "up",
		Short:   "Run the local Google and print the environment for its clients",
		Long:    localUpHelp,
		Example: localUpExample,
		Args:    exactArgs(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), o) },
	}
	o.local.registerAs(cmd.Flags(), "config")
	cmd.Flags().StringVar(&o.envFile, "env-file", "", "`FILE` to write the environment to as well, for the owner's eyes only")
	o.output.register(cmd.Flags())
	cmd.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "log every request")
	return cmd
}

func localUp(ctx context.Context, f *factory, o localUpOptions) (err error) {
	options, err := o.local.options()
	if err != nil {
		return err
	}
	if o.verbose {
		options.logLevel = "debug"
	}
	server, err := f.startLocal(ctx, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	if err := o.publish(f, server.Env()); err != nil {
		return err
	}
	f.say("the local Google is up; Ctrl-C ends it")
	<-ctx.Done()
	if _, asked := interrupt.ExitCode(ctx); !asked {
		return context.Cause(ctx)
	}
	f.say("the local Google is going down")
	return nil
}

// publish writes the environment to the file and to stdout.
func (o localUpOptions) publish(f *factory, env []localgcp.EnvVar) error {
	exports := exportLines(env)
	if o.envFile != "" {
		if err := writeFile(o.envFile, exports, 0o600); err != nil {
			return usageErrorf("writing the environment: %w", err)
		}
	}
	if o.output == jsonFormat {
		return printJSON(f.stdout, map[string]any{"environment": values(env)})
	}
	return writeOutput(f.stdout, "", exports)
}

func values(env []localgcp.EnvVar) map[string]string {
	values := make(map[string]string, len(env))
	for _, v := range env {
		values[v.Name] = v.Value
	}
	return values
}

// exportLines writes an environment for a POSIX shell.
func exportLines(env []localgcp.EnvVar) []byte {
	var b bytes.Buffer
	for _, v := range env {
		fmt.Fprintf(&b, "export %s=%s\n", v.Name, shellQuote(v.Value))
	}
	return b.Bytes()
}

// shellQuote makes a text one word of a POSIX shell, whatever is in it.
func shellQuote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
