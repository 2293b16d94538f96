package authpipe

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/authcall/authcall/internal/sender"
	"github.com/authcall/authcall/internal/sender/rights"
)

// preflightOptions say what is done about rights.
type preflightOptions struct {
	// target names who answers, as KIND:NAME; empty means what the URL tells.
	target string
	// region and targetProject are where the target is; empty means where the
	// sender is.
	region, targetProject string
	// apply grants what is missing.
	apply bool
	// off leaves the checklist out.
	off bool
}

func (o *preflightOptions) register(flags *pflag.FlagSet) {
	flags.StringVar(&o.target, "target", "", "`KIND:NAME` of who answers, whose policy is looked at: cloudrun:SERVICE, function:NAME, function-gen1:NAME,\niap:BACKEND-SERVICE, vertex, or other for what decides without IAM (default: what the URL tells)")
	flags.StringVar(&o.region, "region", "", "`REGION` of the target (default: --location, AUTHPIPE_LOCATION)")
	flags.StringVar(&o.targetProject, "target-project", "", "`ID` of the target's project (default: --project)")
	flags.BoolVar(&o.apply, "apply", false, "make the bindings that are missing, after showing them")
	flags.BoolVar(&o.off, "no-preflight", false, "do not look at the rights")
}

// checkTarget finds what is wrong with the target before anything is sent.
func (o preflightOptions) checkTarget(call sender.Call, t target) error {
	if o.apply && o.off {
		return usageErrorf("--apply does not go with --no-preflight")
	}
	who, err := o.parse(t)
	if err != nil {
		return err
	}
	if u, err := url.Parse(call.URL); err == nil && who.Kind == rights.IAP && call.Token.Audience == "https://"+u.Host {
		return usageErrorf("--audience is missing: IAP takes the OAuth client id of the application, …apps.googleusercontent.com")
	}
	return nil
}

// isGen1 tells whether the target is a function whose name is in its audience.
func (o preflightOptions) isGen1() bool {
	return strings.HasPrefix(o.target, string(rights.Gen1)+":")
}

func (o preflightOptions) parse(t target) (rights.Target, error) {
	if o.target == "" {
		return rights.Target{}, nil
	}
	who, err := rights.ParseTarget(o.target, cmp.Or(o.region, t.location), cmp.Or(o.targetProject, t.project))
	if err != nil {
		return rights.Target{}, usageErrorf("--target: %w", err)
	}
	return who, nil
}

// setup is what the rights are looked at for.
func (o preflightOptions) setup(api rights.API, t target, call sender.Call, runAs string) (rights.Setup, error) {
	who, err := o.parse(t)
	return rights.Setup{API: api, Project: t.project, Token: call.Token, URL: call.URL, Target: who, RunAs: runAs}, err
}

// rightsError is a checklist with rights that are missing.
type rightsError struct{ missing int }

func (e *rightsError) Error() string {
	if e.missing == 1 {
		return "one right is missing, so nothing was made"
	}
	return fmt.Sprintf("%d rights are missing, so nothing was made", e.missing)
}

// need is what the rights are needed for.
type need struct {
	call sender.Call
	// runAs is the account of a pipeline that is started, or empty.
	runAs string
	// disabled says that the API is off.
	disabled bool
	// deadLetters are those of a subscription, or nil.
	deadLetters *rights.DeadLetters
}

// preflight looks at the rights, shows them, and grants what is missing where that
// is asked for. What it returns does so with the rights on what is only made now.
func (s *oidcSession[M]) preflight(ctx context.Context, o preflightOptions, n need) (finish func(context.Context) error, err error) {
	nothing := func(context.Context) error { return nil }
	if o.off {
		return nothing, nil
	}
	credentials, err := s.credentials(ctx, "")
	if err != nil {
		return nil, withCure(err, cureCredentials)
	}
	checker, err := rights.New(ctx, rights.Options{Endpoints: s.oidc.rights, Credentials: credentials, UserAgent: userAgent()})
	if err != nil {
		return nil, &usageError{err}
	}
	setup, err := o.setup(s.kind.api, s.target, n.call, n.runAs)
	if err != nil {
		return nil, err
	}
	setup.Caller, setup.Disabled, setup.DeadLetters = s.who, n.disabled, n.deadLetters
	rows := checker.Checklist(ctx, setup)
	s.sayRows(rows)
	if err := s.settle(ctx, o, checker, setup, rows); err != nil || !o.apply {
		return nothing, err
	}
	return func(ctx context.Context) error {
		return s.grant(ctx, checker, setup, in(rights.Later, rows))
	}, nil
}

// sayRows shows the checklist, with the command that mends a row below it.
func (f *factory) sayRows(rows []rights.Row) {
	width := 0
	for _, r := range rows {
		width = max(width, len(r.State))
	}
	for _, r := range rows {
		line := fmt.Sprintf("%-*s  %s", width, r.State, r.Name)
		if r.Detail != "" {
			line += ": " + r.Detail
		}
		f.say("%s", line)
		if r.State != rights.Held && r.Cure != "" {
			f.say("%*s  to fix: %s", width, "", r.Cure)
		}
	}
}

// settle grants what is missing, or says that it is.
func (s *oidcSession[M]) settle(ctx context.Context, o preflightOptions, checker *rights.Checker, setup rights.Setup, rows []rights.Row) error {
	missing := in(rights.Missing, rows)
	if !o.apply {
		missing = slices.DeleteFunc(missing, func(r rights.Row) bool { return r.Optional })
		if len(missing) == 0 {
			return nil
		}
		return withCure(&rightsError{len(missing)}, "run the commands above, or add --apply")
	}
	for _, r := range missing {
		if !r.CanApply() {
			return withCure(&rightsError{len(missing)}, r.Cure)
		}
	}
	return s.grant(ctx, checker, setup, missing)
}

// in are the rows of a state.
func in(state rights.State, rows []rights.Row) []rights.Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r rights.Row) bool { return r.State != state })
}

func (s *oidcSession[M]) grant(ctx context.Context, checker *rights.Checker, setup rights.Setup, rows []rights.Row) error {
	for _, r := range rows {
		s.say("%s", setup.Fix(r))
		if err := checker.Apply(ctx, setup, r); err != nil {
			return withCure(err, "let somebody who may run: "+r.Cure)
		}
	}
	return nil
}
