package authpipe

import (
	"context"
	"fmt"
	"net/url"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/gapi"
	"github.com/authcall/authcall/internal/sender"
	"github.com/authcall/authcall/internal/sender/rights"
	"github.com/authcall/authcall/internal/sender/terraform"
)

// oidcSettings are the flags that say what one is like.
type oidcSettings[M proto.Message] interface {
	// register adds the flags.
	register(flags *pflag.FlagSet)
	// prepare reads what the flags name, before anything is sent; gen1 tells that a
	// function of the first generation is called.
	prepare(ctx context.Context, f *factory, t target, gen1 bool) error
	// Apply changes one as the flags say.
	Apply(to M) (M, error)
	// calls is what one sends.
	calls(m M) sender.Call
	// runAs is the account of a pipeline that is started, or empty.
	runAs() string
}

// setUpOptions are those of create and update.
type setUpOptions struct {
	oidcOptions
	preflightOptions
	// id is the last part of the name.
	id string
	// diff and terraform print instead of doing.
	diff, terraform bool
	// update changes one that is there.
	update bool
}

const setUpHelp = `

First it looks whether you may act as the account, whether the API's service agent may mint
tokens of it, whether the target lets it in, and whether the API is on. A right that is
missing is shown with the command that mends it, and nothing is made (exit code 3);
--apply makes the bindings, after showing them. What you may not see is shown as unknown
and stops nothing. Rights that come from a folder or the organization are not seen:
--no-preflight goes past the checklist.

With --diff it prints what it would change, changes nothing and ends with 0; with -o json as
{"name", "action": "create|update|unchanged", "changes": [{"path", "have", "want"}]}, paths and
values as in the REST API. With --terraform it prints the same, with the bindings, as
configuration of Terraform, and calls nothing.`

// newSetUp makes the command create or update.
func (k *oidcKind[M]) newSetUp(f *factory, settings oidcSettings[M], update bool, long, example string) *cobra.Command {
	o := setUpOptions{update: update}
	verb, short := "create", "Set up a "+k.noun+", unless it is there"
	if update {
		verb, short = "update", "Change a "+k.noun
	}
	cmd := &cobra.Command{
		Use: verb + " " + k.argument(), Short: short, Long: long + setUpHelp, Example: example,
		Args: exactArgs(k.argument()),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.id = args[0]
			return k.setUp(cmd.Context(), f, o, settings)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	settings.register(flags)
	o.preflightOptions.register(flags)
	flags.BoolVar(&o.diff, "diff", false, "print what would change, and change nothing")
	if !update {
		flags.BoolVar(&o.terraform, "terraform", false, "print it as Terraform, and change nothing")
	}
	o.oidcOptions.register(flags, k.regional)
	return cmd
}

// setUp is both commands: look at what is there, compare, check the rights, act.
func (k *oidcKind[M]) setUp(ctx context.Context, f *factory, o setUpOptions, settings oidcSettings[M]) error {
	t, err := o.at(f.defaults, k.regional)
	if err != nil {
		return err
	}
	if err := settings.prepare(ctx, f, t, o.isGen1()); err != nil {
		return err
	}
	name := k.name(t, o.id)
	if !o.update { // all that is wrong with the settings shows before any call
		want, err := settings.Apply(k.blank(name))
		if err != nil {
			return usageErrorf("%w", err)
		}
		if err := o.checkTarget(settings.calls(want), t); err != nil {
			return err
		}
		if o.terraform {
			return k.printTerraform(f, o, t, want, settings)
		}
	}
	return k.with(ctx, f, t, func(s *oidcSession[M]) error { return s.setUp(ctx, o, name, settings) })
}

func (s *oidcSession[M]) setUp(ctx context.Context, o setUpOptions, name string, settings oidcSettings[M]) error {
	have, err := s.Get(ctx, name)
	off := isDisabled(err)
	switch missing := gapi.IsKind(err, gapi.NotFound); {
	case missing && o.update:
		return withCure(s.named(err), fmt.Sprintf("authpipe oidc %s create %s makes it", s.kind.command, o.id))
	case err != nil && !missing && !off:
		return err
	}
	p, err := s.plan(o, name, have, err == nil, settings)
	if err != nil {
		return err
	}
	if o.diff {
		return s.printPlan(p, o.output)
	}
	if p.refused != nil {
		return p.refused
	}
	call := settings.calls(p.want)
	for _, doubt := range call.Token.Doubts() {
		s.say("the audience %s %s", call.Token.Audience, doubt)
	}
	var dead *rights.DeadLetters
	if s.kind.deadLetters != nil {
		dead = s.kind.deadLetters(p.want)
	}
	finish, err := s.preflight(ctx, o.preflightOptions, need{call: call, runAs: settings.runAs(), disabled: off, deadLetters: dead})
	if err != nil {
		return err
	}
	if err := s.perform(ctx, o, p); err != nil {
		return err
	}
	return finish(ctx)
}

func isDisabled(err error) bool {
	e, ok := err.(*gapi.Error) //nolint:errorlint // the clients promise it
	return ok && e.Reason == serviceDisabled
}

// perform does what the plan says, and shows the result.
func (s *oidcSession[M]) perform(ctx context.Context, o setUpOptions, p plan[M]) (err error) {
	m, id := p.have, sender.ID(p.Name)
	switch p.Action {
	case actionCreate:
		m, err = s.Create(ctx, p.want)
		id = "created " + id
	case actionUpdate:
		m, err = s.Update(ctx, p.want, s.kind.kind.Mask(p.Changes))
		id = "updated " + id + ": " + sender.Describe(p.Changes)
	default:
		id += " is unchanged"
	}
	if err != nil {
		return err
	}
	s.say("%s", id)
	if o.output == jsonFormat {
		return printMessage(s.stdout, m)
	}
	return nil
}

// printTerraform prints one and its bindings; nothing is called.
func (k *oidcKind[M]) printTerraform(f *factory, o setUpOptions, t target, want M, settings oidcSettings[M]) error {
	call := settings.calls(want)
	setup, err := o.setup(k.api, t, call, settings.runAs())
	if err != nil {
		return err
	}
	setup.ProjectNumber = terraform.Number
	if u, err := url.Parse(call.URL); err == nil && setup.Target.Kind == rights.Unknown {
		setup.Target = rights.GuessTarget(u, t.project, "")
	}
	file := terraform.New(t.project)
	file.Rights(k.api, setup.Needs())
	k.write(file, want, t.location)
	if setup.Target.Kind == rights.Unknown {
		f.say("who may call %s is not in it: name the target with --target", call.URL)
	}
	return writeOutput(f.stdout, "", file.Bytes())
}
