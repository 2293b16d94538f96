package component

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/http/httpguts"

	"github.com/authcall/authcall/internal/auth"
	"github.com/authcall/authcall/internal/secret"
)

// InputError means that the input was refused before anything was sent.
type InputError struct{ Err error }

// Error gives all that is wrong, on one line.
func (e *InputError) Error() string { return strings.ReplaceAll(e.Err.Error(), "\n", "; ") }

func (e *InputError) Unwrap() error { return e.Err }

func inputError(err error) error {
	if err == nil {
		return nil
	}
	return &InputError{Err: err}
}

// Limits of the inputs.
const (
	maxTimeoutSeconds = 86400
	maxAttempts       = 10
	maxPollSeconds    = 3600
	// maxBodyBytes keeps a body within what an argument of a process may hold
	// (128 KiB on Linux) beside the rest of the executor input.
	maxBodyBytes = 96 << 10
)

// Validate checks every option; all that is wrong is told at once, and values
// of headers and body are never shown.
func (c Config) Validate() error {
	return inputError(errors.Join(
		c.validateURL(),
		c.validateMethod(),
		c.validateHeaders(),
		c.validateBody(),
		c.validateSecrets(),
		c.validateAccounts(),
		within("timeout_seconds", c.TimeoutSeconds, maxTimeoutSeconds),
		within("max_attempts", c.MaxAttempts, maxAttempts),
		within("poll_interval_seconds", c.PollIntervalSeconds, maxPollSeconds),
	))
}

func (c Config) validateURL() error {
	_, err := parseTarget(c.URL)
	return err
}

func (c Config) validateMethod() error {
	if c.Method == "" || !httpguts.ValidHeaderFieldName(c.Method) || c.Method != strings.ToUpper(c.Method) || c.Method == http.MethodConnect {
		return fmt.Errorf("method is %q, want GET, POST, PUT, PATCH, DELETE or another upper-case HTTP method", c.Method)
	}
	return nil
}

// reserved are headers that the call itself sets: they carry the credential or
// frame the message.
func reserved() []string {
	return []string{"Host", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Te", "Trailer", "Keep-Alive", "Proxy-Connection"}
}

func credentialHeaders() []string {
	return []string{"Authorization", "X-Serverless-Authorization", "Proxy-Authorization"}
}

func (c Config) validateHeaders() error {
	var problems []error
	carrier := c.authHeader()
	if c.AuthHeader != "" && !slices.Contains(credentialHeaders(), carrier) {
		problems = append(problems, fmt.Errorf("auth_header is %q, want one of %q", c.AuthHeader, credentialHeaders()))
	}
	for input, headers := range map[string]StringMap{"headers": c.Headers, "secret_headers": c.SecretHeaders} {
		if len(canonicalKeys(headers)) < len(headers) {
			problems = append(problems, fmt.Errorf("%s: a header is given twice, in different letters", input))
		}
	}
	for name, value := range c.Headers {
		if !httpguts.ValidHeaderFieldValue(value) {
			problems = append(problems, fmt.Errorf("headers: the value of %s has a line break or another control character", name))
		}
		problems = append(problems, c.validateHeader("headers", name, carrier))
	}
	for name := range c.SecretHeaders {
		if _, twice := canonicalKeys(c.Headers)[http.CanonicalHeaderKey(name)]; twice {
			problems = append(problems, fmt.Errorf("secret_headers: %s is among headers too", name))
		}
		problems = append(problems, c.validateHeader("secret_headers", name, carrier))
	}
	if !httpguts.ValidHeaderFieldValue(c.IdempotencyKey) {
		problems = append(problems, errors.New("idempotency_key has a line break or another control character"))
	}
	return joined(problems)
}

func (c Config) validateHeader(input, name, carrier string) error {
	canonical := http.CanonicalHeaderKey(name)
	switch {
	case !httpguts.ValidHeaderFieldName(name):
		return fmt.Errorf("%s: %q is not a header name", input, name)
	case slices.Contains(reserved(), canonical):
		return fmt.Errorf("%s: %s is set by the call itself", input, name)
	case canonical == carrier && c.Auth != auth.None:
		return fmt.Errorf("%s: %s carries the credential; name another auth_header, or set auth to none to send your own", input, name)
	}
	return nil
}

// joined sorts errors that came out of a map, so that a message stays the same.
func joined(problems []error) error {
	problems = slices.DeleteFunc(problems, func(err error) bool { return err == nil })
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(problems...)
}

func (c Config) validateBody() error {
	switch {
	case c.Body != "" && c.BodyURI != "":
		return errors.New("body and body_uri are both given, want one of them")
	case len(c.Body) > maxBodyBytes:
		return fmt.Errorf("body has %d bytes, want at most %d; put it into a file and name that in body_uri", len(c.Body), maxBodyBytes)
	case c.MaxResponseBytes < 0:
		return fmt.Errorf("max_response_bytes is %d, want 0 or more", c.MaxResponseBytes)
	}
	return nil
}

func (c Config) validateSecrets() error {
	var problems []error
	for name, version := range c.SecretHeaders {
		if err := secret.CheckName(version); err != nil {
			problems = append(problems, fmt.Errorf("secret_headers: %s: %w", name, err))
		}
	}
	if c.ClientCertificate != "" {
		if err := secret.CheckName(c.ClientCertificate); err != nil {
			problems = append(problems, fmt.Errorf("client_certificate: %w", err))
		}
	}
	return joined(problems)
}

func (c Config) validateAccounts() error {
	var problems []error
	if c.ServiceAccount != "" && !isEmail(c.ServiceAccount) {
		problems = append(problems, fmt.Errorf("service_account is %q, want the account's email", c.ServiceAccount))
	}
	for _, delegate := range c.Delegates {
		if !isEmail(delegate) {
			problems = append(problems, fmt.Errorf("delegates holds %q, want service account emails", delegate))
		}
	}
	if strings.ContainsFunc(c.Audience, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		problems = append(problems, fmt.Errorf("audience is %q, want it without white space", c.Audience))
	}
	if len(c.Delegates) > 0 && c.ServiceAccount == "" {
		problems = append(problems, errors.New("delegates needs service_account, the account at the end of the chain"))
	}
	return errors.Join(problems...)
}

// isEmail is loose on purpose: IAM decides what exists, this catches slips and
// whatever would change the request's path.
func isEmail(text string) bool {
	name, domain, found := strings.Cut(text, "@")
	return found && name != "" && domain != "" && !strings.ContainsAny(text, "/ ?#%:\r\n\t")
}

func within(name string, got, most int) error {
	if got < 1 || got > most {
		return fmt.Errorf("%s is %d, want 1 to %d", name, got, most)
	}
	return nil
}
