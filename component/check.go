package component

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/authcall/authcall/internal/auth"
	"github.com/authcall/authcall/internal/call"
	"github.com/authcall/authcall/internal/diagnose"
	"github.com/authcall/authcall/internal/exitcode"
)

// Check is one thing that a call needs, and whether it is so.
type Check struct {
	// Name says what was looked at.
	Name string `json:"name"`
	// OK says whether it is as a call needs it.
	OK bool `json:"ok"`
	// Detail is what was found. It never holds a token.
	Detail string `json:"detail"`
	// Cure is the command or the change that mends it, where it is not so.
	Cure string `json:"cure,omitempty"`
	// Code is the exit code that a call would end with, where it is not so.
	Code int `json:"code,omitempty"`
}

// Check looks at all that the call needs, in the order in which a call would
// need it, and stops where the rest rests on what is missing. It has no side
// effects: the target is asked with GET.
func (c *Caller) Check(ctx context.Context) []Check {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(c.config.TimeoutSeconds)*time.Second)
	defer cancel()
	var checks []Check
	for _, look := range []func(context.Context) []Check{c.checkIdentity, c.checkRights, c.checkCredential, c.checkTarget} {
		found := look(ctx)
		checks = append(checks, found...)
		if broken(found) {
			break
		}
	}
	return checks
}

func broken(checks []Check) bool {
	for _, one := range checks {
		if !one.OK {
			return true
		}
	}
	return false
}

func failedCheck(name string, f diagnose.Finding) Check {
	return Check{Name: name, Detail: f.Cause, Cure: f.Cure, Code: f.Code}
}

// checkIdentity looks for the ambient credentials and whom they stand for.
func (c *Caller) checkIdentity(ctx context.Context) []Check {
	if c.config.Auth == auth.None {
		return nil
	}
	ambient, err := c.source.Ambient(ctx)
	if err != nil {
		return []Check{failedCheck("credentials", Explain(err))}
	}
	if _, err := ambient.Token(ctx); err != nil {
		return []Check{failedCheck("credentials", Explain(err))}
	}
	checks := []Check{{Name: "credentials", OK: true, Detail: ambient.Origin}}
	who, err := ambient.Principal(ctx)
	switch {
	case err != nil:
		checks = append(checks, failedCheck("principal", Explain(err)))
	case who == "":
		checks = append(checks, Check{Name: "principal", OK: true, Detail: "the credentials do not tell"})
	default:
		checks = append(checks, Check{Name: "principal", OK: true, Detail: who})
	}
	return append(checks, c.checkScopes(ctx, ambient)...)
}

// checkScopes tells what the ambient token may be used for, where Google says.
func (c *Caller) checkScopes(ctx context.Context, ambient *auth.Ambient) []Check {
	endpoint := c.policy.TokenInfoEndpoint
	if endpoint == "" {
		endpoint = auth.GoogleTokenInfo
	}
	info, err := ambient.ReadTokenInfo(ctx, &http.Client{Transport: c.transport}, endpoint)
	if err != nil || len(info.Scopes) == 0 {
		c.log.Debug().Err(err).Msg("the scopes of the ambient token are not known")
		return nil
	}
	const needed = "https://www.googleapis.com/auth/cloud-platform"
	check := Check{Name: "scopes", OK: strings.Contains(strings.Join(info.Scopes, " "), needed), Detail: strings.Join(info.Scopes, " ")}
	if !check.OK {
		check.Cure, check.Code = "run under a service account of your own, whose token has the scope "+needed, exitcode.Identity
	}
	return []Check{check}
}

// checkCredential gets the credential, and describes it.
func (c *Caller) checkCredential(ctx context.Context) []Check {
	if c.config.Auth == auth.None {
		return []Check{{Name: "token", OK: true, Detail: "none is sent"}}
	}
	credential, err := c.source.Credential(ctx)
	if err != nil {
		return []Check{failedCheck("token", Explain(err))}
	}
	detail := fmt.Sprintf("%s of %s in %s", credential.Kind, cmp.Or(credential.CalledAs, "an account that is not told"), c.config.authHeader())
	if claims, err := auth.ReadClaims(credential.Token); err == nil {
		detail += fmt.Sprintf(": iss %s, aud %s, email %s, exp %s", claims.Issuer, strings.Join(claims.Audience, " "), claims.Email, claims.Expiry.UTC().Format(time.RFC3339))
	}
	return []Check{{Name: "token", OK: true, Detail: detail}}
}

// checkTarget asks the target without the credential and with it.
func (c *Caller) checkTarget(ctx context.Context) []Check {
	if c.config.Auth == auth.None {
		return []Check{c.checkEntry(ctx, "target")}
	}
	anonymous := *c
	anonymous.config.Auth, anonymous.config.Audience = auth.None, ""
	anonymous.source = newSource(anonymous.config, c.policy, c.transport, c.log)
	outcome, err := anonymous.knock(ctx)
	if err != nil {
		return []Check{failedCheck("target", Explain(err))}
	}
	bare := Check{Name: "without token", OK: true, Detail: outcome.status()}
	if outcome.Success {
		bare.Detail += ": open to everybody"
	}
	return []Check{bare, c.checkEntry(ctx, "with token")}
}

// checkEntry asks the target as a call would. What an app answers of its own, even
// an error, means that the caller is in; what has a cure is not of the app.
func (c *Caller) checkEntry(ctx context.Context, name string) Check {
	outcome, err := c.knock(ctx)
	if err != nil {
		return failedCheck(name, Explain(err))
	}
	if finding := outcome.Finding(); !outcome.Success && finding.Cure != "" {
		return failedCheck(name, finding)
	}
	return Check{Name: name, OK: true, Detail: outcome.status()}
}

func (o *Outcome) status() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", o.Answer.Status, http.StatusText(o.Answer.Status)))
}

// knock asks the target with GET.
func (c *Caller) knock(ctx context.Context) (*Outcome, error) {
	x, err := c.prepare(ctx)
	if err != nil {
		return nil, err
	}
	request, err := c.again(x, c.target)
	if err != nil {
		return nil, err
	}
	sink := call.NewSink(call.Receiver{Body: io.Discard}, call.SinkOptions{Keep: responseTextBytes})
	answer, err := x.client.Do(ctx, request, sink)
	if err != nil {
		return nil, err
	}
	head, _ := sink.Head()
	return &Outcome{
		Answer: answer, head: head, Caller: c.caller(ctx),
		Success: answer.Status >= http.StatusOK && answer.Status < http.StatusMultipleChoices,
	}, nil
}
