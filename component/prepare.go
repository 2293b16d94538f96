package component

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/authcall/authcall/internal/auth"
	"github.com/authcall/authcall/internal/backoff"
	"github.com/authcall/authcall/internal/call"
	"github.com/authcall/authcall/internal/secret"
)

// prepare reads the secrets that the call needs and makes the client.
func (c *Caller) prepare(ctx context.Context) (*exchanger, error) {
	header, err := c.header(ctx)
	if err != nil {
		return nil, err
	}
	transport := c.transport
	if name := c.config.ClientCertificate; name != "" {
		certificate, err := c.certificate(ctx, name)
		if err != nil {
			return nil, err
		}
		transport = withCertificate(transport, certificate)
	}
	c.sent = &authorizer{source: c.source, header: c.config.authHeader()}
	return &exchanger{header: header, client: call.New(call.Options{
		Transport:       transport,
		Policy:          c.policy.call(),
		Authorizer:      c.sent,
		MaxAttempts:     c.config.MaxAttempts,
		FollowRedirects: c.config.FollowRedirects,
		IdleTimeout:     c.policy.IdleTimeout,
		Backoff:         backoff.Default(),
		Log:             c.log,
	})}, nil
}

// header is the request's header, less its credential and content type.
func (c *Caller) header(ctx context.Context) (http.Header, error) {
	c.secrets = nil
	header := http.Header{"User-Agent": {c.policy.origin.userAgent()}}
	for name, value := range c.config.Headers {
		header.Set(name, value)
	}
	for name, version := range c.config.SecretHeaders {
		value, err := c.secret(ctx, version)
		if err != nil {
			return nil, fmt.Errorf("secret_headers: %s: %w", name, err)
		}
		text := strings.TrimRight(string(value), "\r\n")
		if strings.ContainsAny(text, "\r\n\x00") {
			return nil, inputError(fmt.Errorf("secret_headers: the secret for %s has a line break within", name))
		}
		header.Set(name, text)
		c.secrets = append(c.secrets, text)
	}
	return header, nil
}

func (c *Caller) secret(ctx context.Context, version string) ([]byte, error) {
	client, err := c.source.AmbientClient(ctx)
	if err != nil {
		return nil, err
	}
	endpoint := c.policy.SecretManagerEndpoint
	if endpoint == "" {
		universe, err := c.source.Universe(ctx)
		if err != nil {
			return nil, err
		}
		endpoint = secret.DefaultEndpoint(universe, version)
	}
	value, err := secret.Client{HTTP: client, Endpoint: endpoint}.Access(ctx, version)
	if err != nil {
		return nil, c.source.Refusal(ctx, err, "read the secret "+version, version)
	}
	return value, nil
}

func (c *Caller) certificate(ctx context.Context, version string) (tls.Certificate, error) {
	pem, err := c.secret(ctx, version)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("client_certificate: %w", err)
	}
	certificate, err := tls.X509KeyPair(pem, pem)
	if err != nil {
		// Not wrapped: a parser's error may quote the key.
		return tls.Certificate{}, inputError(errors.New("client_certificate: the secret holds no certificate with its key in PEM"))
	}
	return certificate, nil
}

// authHeader is the header that carries the credential. Where the user sends
// an Authorization of the app's own, ours goes into the header that the target
// reads first: IAP's or Cloud Run's.
func (c Config) authHeader() string {
	switch {
	case c.AuthHeader != "":
		return http.CanonicalHeaderKey(c.AuthHeader)
	case !c.sends("Authorization"):
		return "Authorization"
	case c.Auth == auth.IAPJWT, strings.HasSuffix(c.Audience, ".apps.googleusercontent.com"):
		return "Proxy-Authorization"
	}
	return "X-Serverless-Authorization"
}

// sends says whether the user sets a header.
func (c Config) sends(canonical string) bool {
	return slices.ContainsFunc([]StringMap{c.Headers, c.SecretHeaders}, func(headers StringMap) bool {
		_, found := canonicalKeys(headers)[canonical]
		return found
	})
}

func canonicalKeys(headers StringMap) map[string]bool {
	keys := make(map[string]bool, len(headers))
	for name := range headers {
		keys[http.CanonicalHeaderKey(name)] = true
	}
	return keys
}
