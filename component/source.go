package component

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/auth"
	"github.com/authcall/authcall/internal/backoff"
)

func newSource(c Config, p Policy, transport http.RoundTripper, log zerolog.Logger) *auth.Source {
	return auth.NewSource(auth.Options{
		Kind:           c.Auth,
		ServiceAccount: c.ServiceAccount,
		Audience:       c.Audience,
		Delegates:      c.Delegates,
		IAMEndpoint:    p.IAMEndpoint,
		Transport:      transport,
		UserAgent:      p.origin.userAgent(),
		Backoff:        backoff.Default(),
		Log:            log,
	})
}

// aim settles what the user left to the target: the kind of credential and its
// audience.
func (c *Config) aim(target *url.URL) {
	c.Auth = c.Auth.For(target)
	if c.Audience == "" {
		c.Audience = auth.Audience(c.Auth, target)
	}
}

// Token returns the credential that a call by the config would carry, for
// which an audience is enough where there is no URL.
func Token(ctx context.Context, c Config, p Policy, log zerolog.Logger) (Credential, error) {
	var urlErr, audienceErr error
	switch {
	case c.Auth == auth.None:
		return Credential{}, inputError(errors.New("auth is none, for which there is no token; want id-token, iap-jwt or access-token"))
	case c.URL != "":
		urlErr = c.validateURL()
	case c.Audience == "" && c.Auth != auth.AccessToken:
		audienceErr = errors.New("audience is missing, want it or the URL that it is for")
	}
	err := errors.Join(urlErr, audienceErr, c.validateAccounts(), within("timeout_seconds", c.TimeoutSeconds, maxTimeoutSeconds))
	if err != nil {
		return Credential{}, inputError(err)
	}
	if target, err := parseTarget(c.URL); err == nil {
		c.aim(target)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(c.TimeoutSeconds)*time.Second)
	defer cancel()
	transport, err := newTransport(c, p)
	if err != nil {
		return Credential{}, inputError(fmt.Errorf("roots: %w", err))
	}
	return newSource(c, p, transport, log).Credential(ctx)
}

// authorizer puts the source's credential on requests.
type authorizer struct {
	source *auth.Source
	header string
	last   auth.Credential
}

// Authorize sets the header that carries the credential, as call.Authorizer asks.
func (a *authorizer) Authorize(ctx context.Context, header http.Header, renew bool) (bool, error) {
	if renew && a.last.Token == "" {
		return false, nil
	}
	var given auth.Credential
	var err error
	if renew {
		given, err = a.source.Renew(ctx, a.last)
	} else {
		given, err = a.source.Credential(ctx)
	}
	if err != nil {
		return true, err
	}
	if renew && given.Token == a.last.Token {
		return false, nil // a library holds it until it ends
	}
	a.last = given
	if given.Token != "" {
		header.Set(a.header, "Bearer "+given.Token.Reveal())
	}
	return true, nil
}
