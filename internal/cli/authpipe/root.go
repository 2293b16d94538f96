package authpipe

import (
	"strings"

	"github.com/spf13/cobra"
)

const rootHelp = `authpipe compiles, checks and submits pipelines whose steps call private Google
services, to Vertex AI Pipelines or to a Google that it embeds itself.

Exit codes: 0 the pipeline succeeded, 1 it failed or was cancelled, 2 bad usage or
input, 3 identity or permission, 4 an API failed, a quota is used up or a thing was
not found, 5 the wait ran out while the run goes on, 130 and 143 interrupted.

With -o json a command prints one JSON document on stdout, a run as Vertex AI's REST
API gives it, and all else on stderr. Where it fails for want of such a document, stdout
stays empty: the exit code tells the kind of failure, stderr its cause and its cure.`

const rootExample = `  authpipe submit cloudrun --local
  authpipe submit cloudrun -p url=https://hello-123456.us-central1.run.app \
    --project my-project --location us-central1 --pipeline-root gs://my-bucket/runs \
    --service-account pipeline@my-project.iam.gserviceaccount.com`

func newRoot(f *factory) *cobra.Command {
	root := newGroup("authpipe", "Submit pipelines that call private Google services",
		newCompile(f, nil), newValidate(f, nil), newSubmit(f, nil),
		newRuns(f), newOIDC(f), newServe(f, nil), newLocal(f), newGate(f), newComponent(f, nil), newVersion(f))
	root.Long, root.Example = rootHelp, rootExample
	root.SetIn(f.stdin)
	root.SetOut(f.stdout)
	root.SetErr(f.stderr)
	root.SilenceErrors, root.SilenceUsage = true, true
	strictHelp(root)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageErrorf("%w; see %s --help", err, cmd.CommandPath())
	})
	return root
}

// strictHelp makes help for an unknown name fail as the name itself does; the
// library would show the help of what comes before it.
func strictHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	for _, help := range root.Commands() {
		if help.Name() != "help" {
			continue
		}
		help.Run = nil
		help.RunE = func(_ *cobra.Command, args []string) error {
			about, rest, err := root.Find(args)
			if err == nil && len(rest) > 0 {
				err = about.ValidateArgs(rest)
			}
			if err != nil {
				return &usageError{err}
			}
			return about.Help()
		}
	}
}

// newGroup makes a command that only holds others: alone it shows its help, with
// the first example of each, and with an unknown name it says which there are.
func newGroup(use, short string, commands ...*cobra.Command) *cobra.Command {
	group := &cobra.Command{
		Use:     use,
		Short:   short,
		Example: firstExamples(commands),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				return usageErrorf("unknown command %q for %q, did you mean %s?", args[0], cmd.CommandPath(), near[0])
			}
			return usageErrorf("unknown command %q for %q, see %s --help", args[0], cmd.CommandPath(), cmd.CommandPath())
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	group.SuggestionsMinimumDistance = 2
	group.AddCommand(commands...)
	return group
}

func firstExamples(commands []*cobra.Command) string {
	var examples []string
	for _, c := range commands {
		for line := range strings.Lines(c.Example) {
			line = strings.TrimSuffix(line, "\n")
			examples = append(examples, line)
			if !strings.HasSuffix(line, `\`) { // which goes on in the next
				break
			}
		}
	}
	return strings.Join(examples, "\n")
}

// exactArgs wants one argument for each name.
func exactArgs(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usageErrorf("%s is missing: %s", names[len(args)], cmd.UseLine())
		case len(args) > len(names):
			return usageErrorf("unexpected argument %q: %s", args[len(names)], cmd.UseLine())
		}
		return nil
	}
}
