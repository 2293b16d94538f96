package component

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/auth"
	"github.com/authcall/authcall/internal/call"
	"github.com/authcall/authcall/internal/executor"
	"github.com/authcall/authcall/internal/roots"
)

const (
	// responseTextBytes is how much of the body becomes response_text: runtimes
	// keep parameters in a metadata store, which is no place for bodies.
	responseTextBytes = 8192
	// expressionBytes is how long a body may be for an expression to see it.
	expressionBytes = 16 << 20
)

// Caller makes calls by one config. It is ready before anything is sent: all
// that can be wrong with the config has been told by then.
type Caller struct {
	config      Config
	policy      Policy
	target      *url.URL
	body        body
	expressions expressions
	source      *auth.Source
	transport   *http.Transport
	operation   operation
	// sent puts the credential on the requests, and knows what it put.
	sent *authorizer
	// secrets are the values of the secret headers.
	secrets []string
	log     zerolog.Logger
}

// NewCaller checks the config and sets up identity and transport. It sends
// nothing. The errors are of type *InputError.
func NewCaller(c Config, p Policy, log zerolog.Logger) (*Caller, error) {
	c.tell()
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.IdempotencyKey == autoKey {
		c.IdempotencyKey = taskKey("")
	}
	caller := &Caller{config: c, policy: p, operation: noOperation{}, log: log}
	err := errors.Join(caller.aim(), caller.compile(), caller.frame())
	if err != nil {
		return nil, inputError(err)
	}
	if caller.transport, err = newTransport(caller.config, p); err != nil {
		return nil, inputError(fmt.Errorf("roots: %w", err))
	}
	caller.source = newSource(caller.config, p, caller.transport, log)
	return caller, nil
}

// aim settles what follows from the URL.
func (c *Caller) aim() error {
	target, err := parseTarget(c.config.URL)
	if err != nil {
		return err
	}
	addQuery(target, c.config.Query)
	c.target = target
	c.config.aim(target)
	for _, doubt := range auth.Doubts(c.config.Auth, c.config.Audience) {
		c.log.Warn().Msgf("audience %s %s", c.config.Audience, doubt)
	}
	return c.policy.call().Check(target)
}

func (c *Caller) compile() (err error) {
	c.expressions, err = compile(c.config)
	return err
}

func (c *Caller) frame() (err error) {
	c.body, err = newBody(c.config, c.policy)
	return err
}

// Call makes the call and streams the answer to its receiver.
func (c *Caller) Call(ctx context.Context, to Receiver) (*Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(c.config.TimeoutSeconds)*time.Second)
	defer cancel()
	x, err := c.prepare(ctx)
	if err != nil {
		return nil, err
	}
	outcome, err := c.exchangeAll(ctx, x, to)
	return outcome, c.signed(ctx, err)
}

// exchangeAll picks how many exchanges the call takes.
func (c *Caller) exchangeAll(ctx context.Context, x *exchanger, to call.Receiver) (*Outcome, error) {
	switch {
	case !c.expressions.nextPage.IsEmpty():
		return c.pages(ctx, x, to)
	case !c.expressions.pollUntil.IsEmpty():
		return c.polled(ctx, x, to)
	}
	return c.stream(ctx, x, to)
}

// signed adds to a failed call as whom it was made.
func (c *Caller) signed(ctx context.Context, err error) error {
	var failed *call.Error
	if errors.As(err, &failed) {
		failed.CalledAs = c.caller(ctx).CalledAs
	}
	return err
}

// secure says whether a connection will be made over TLS: only then are
// certificate authorities loaded, which takes as long as the rest of the start.
func (c Config) secure(p Policy) bool {
	readsSecrets := len(c.SecretHeaders) > 0 || c.ClientCertificate != ""
	return strings.HasPrefix(strings.ToLower(c.URL), "https:") || c.Auth != auth.None && !isPlain(p.IAMEndpoint) ||
		readsSecrets && !isPlain(p.SecretManagerEndpoint)
}

func isPlain(endpoint string) bool { return strings.HasPrefix(endpoint, "http:") }

// newTransport is the one transport of a process.
func newTransport(c Config, p Policy) (*http.Transport, error) {
	o := call.TransportOptions{AllowMetadata: p.AllowMetadata, ConnectTimeout: p.ConnectTimeout, HeaderTimeout: p.HeaderTimeout}
	if c.secure(p) {
		pool, err := authorities(c, p)
		if err != nil {
			return nil, err
		}
		o.Roots = pool
	}
	return call.NewTransport(o), nil
}

func authorities(c Config, p Policy) (*x509.CertPool, error) {
	extra, err := executor.Path(p.MountRoot, c.Roots)
	if err != nil {
		return nil, err
	}
	return roots.Pool(extra)
}

// withCertificate is a transport like another that shows a certificate.
func withCertificate(base *http.Transport, certificate tls.Certificate) *http.Transport {
	t := base.Clone()
	t.TLSClientConfig.Certificates = []tls.Certificate{certificate}
	return t
}
