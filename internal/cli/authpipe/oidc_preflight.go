package authpipe

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
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

// preflight looks at the rights, shows them, and grants what is missing where that
// is asked for; disabled says that the API is off.
func (s *oidcSession[M]) preflight(ctx context.Context, o preflightOptions, call sender.Call, runAs string, disabled bool, extra func(agent string) []rights.Row) error {
	if o.off {
		return nil
	}
	credentials, err := s.credentials(ctx, "")
	if err != nil {
		return withCure(err, cureCredentials)
	}
	checker, err := rights.New(ctx, rights.Options{Endpoints: s.oidc.rights, Credentials: credentials, UserAgent: userAgent()})
	if err != nil {
		return &usageError{err}
	}
	setup, err := o.setup(s.kind.api, s.target, call, runAs)
	if err != nil {
		return err
	}
	setup.Caller, setup.Disabled = s.who, disabled
	rows := checker.Checklist(ctx, setup)
	if extra != nil {
		rows = append(rows, extra(checker.AgentMember(setup))...)
	}
	s.sayRows(rows)
	return s.settle(ctx, o, checker, setup, rows)
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
	var missing []rights.Row
	for _, r := range rows {
		if r.State == rights.Missing {
			missing = append(missing, r)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if !o.apply {
		return withCure(&rightsError{len(missing)}, "run the commands above, or add --apply")
	}
	for _, r := range missing {
		if !r.CanApply() {
			return withCure(&rightsError{len(missing)}, r.Cure)
		}
	}
	for _, r := range missing {
		s.say("%s", setup.Fix(r))
		if err := checker.Apply(ctx, setup, r); err != nil {
			return withCure(err, "let somebody who may run: "+r.Cure)
		}
	}
	return nil
}
