package component

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/kelseyhightower/envconfig"

	"github.com/authcall/authcall/internal/call"
	"github.com/authcall/authcall/internal/logging"
)

// prefix begins the name of every environment variable that is read here.
const prefix = "AUTHCALL"

// Policy is what only the environment may set, so that a pipeline's parameters
// cannot loosen it.
type Policy struct {
	// IAMEndpoint is the base URL of the IAM Credentials API; empty means
	// Google's. Plain http is for loopback only.
	IAMEndpoint string `split_words:"true" desc:"Base URL of the IAM Credentials API; plain http on loopback only."`
	// AllowedHosts are the only hosts that may be called; ".example.com" means
	// all below it. Empty means any.
	AllowedHosts StringList `split_words:"true" desc:"The only hosts that may be called, as a list; .example.com means all below it."`
	// AllowHTTPHosts are hosts besides loopback that may be called without TLS.
	AllowHTTPHosts StringList `split_words:"true" desc:"Hosts besides loopback that may be called over plain http."`
	// AllowMetadata lifts the block on link-local addresses as targets.
	AllowMetadata bool `split_words:"true" default:"false" desc:"Whether link-local addresses, where metadata servers live, may be called."`
	// SecretManagerEndpoint is the base URL of Secret Manager's API; empty means
	// Google's. Plain http is for loopback only.
	SecretManagerEndpoint string `split_words:"true" desc:"Base URL of the Secret Manager API; plain http on loopback only."`
	// IAMAdminEndpoint is the base URL of the IAM API, which `check` asks what
	// may be done; empty means Google's. Plain http is for loopback only.
	IAMAdminEndpoint string `split_words:"true" desc:"Base URL of the IAM API, for check; plain http on loopback only."`
	// TokenInfoEndpoint is the URL that tells about an access token; empty means
	// Google's, or for a user's credentials the one beside their token endpoint.
	TokenInfoEndpoint string `split_words:"true" desc:"URL that tells about an access token, for check; plain http on loopback only."`
	// MountRoot is the folder under which object stores are mounted, as gcs/,
	// s3/ and so on.
	MountRoot string `split_words:"true" default:"/" desc:"Folder under which object stores are mounted: gs://bucket/object is gcs/bucket/object below it."`
	// ConnectTimeout bounds the making of a connection and its TLS handshake.
	ConnectTimeout time.Duration `split_words:"true" default:"10s" desc:"Time for a connection and its TLS handshake."`
	// HeaderTimeout bounds the wait for an answer to begin; zero means that only
	// the whole call is bounded.
	HeaderTimeout time.Duration `split_words:"true" default:"0s" desc:"Time for an answer to begin once the request was sent; 0s means that only timeout_seconds counts."`
	// IdleTimeout bounds the silence within a body; zero means no bound.
	IdleTimeout time.Duration `split_words:"true" default:"0s" desc:"Time in which more of a body must come; 0s means that only timeout_seconds counts."`
	// LogLevel is debug, info, warn or error.
	LogLevel string `split_words:"true" default:"info" desc:"Level of the log on stderr: debug, info, warn or error."`
	// LogFormat is text or json.
	LogFormat string `split_words:"true" default:"text" desc:"Form of the log on stderr: text, or json with Google Cloud's severity names."`

	// origin is the task that the call is made for, where there is one.
	origin origin
	// sleep replaces the waits between polls in tests.
	sleep func(context.Context, time.Duration) error
}

// environment is all that AUTHCALL_* may set.
type environment struct {
	Config
	Policy
}

// FromEnvironment reads defaults and AUTHCALL_* variables. A variable that
// nothing reads is an error, for it is most often a slip of the pen.
func FromEnvironment() (Config, Policy, error) {
	var env environment
	if err := envconfig.Process(prefix, &env); err != nil {
		return Config{}, Policy{}, inputError(withoutValue(err))
	}
	if err := envconfig.CheckDisallowed(prefix, &env); err != nil {
		return Config{}, Policy{}, inputError(err)
	}
	return env.Config, env.Policy, env.Policy.validate()
}

// withoutValue says what a variable takes, and drops envconfig's message, which
// shows the value: it may be a secret.
func withoutValue(err error) error {
	var parse *envconfig.ParseError
	if !errors.As(err, &parse) {
		return err
	}
	takes := map[string]string{"int": "a whole number", "bool": "true or false", "time.Duration": "a time such as 30s or 2m"}
	if want, ok := takes[parse.TypeName]; ok {
		return fmt.Errorf("%s: want %s", parse.KeyName, want)
	}
	return fmt.Errorf("%s: %w", parse.KeyName, parse.Err) // of a Decode of our own
}

func (p Policy) validate() error {
	return inputError(errors.Join(
		validateEndpoint("AUTHCALL_IAM_ENDPOINT", p.IAMEndpoint),
		validateEndpoint("AUTHCALL_SECRET_MANAGER_ENDPOINT", p.SecretManagerEndpoint),
		validateEndpoint("AUTHCALL_IAM_ADMIN_ENDPOINT", p.IAMAdminEndpoint),
		validateEndpoint("AUTHCALL_TOKEN_INFO_ENDPOINT", p.TokenInfoEndpoint),
		validateWait("AUTHCALL_CONNECT_TIMEOUT", p.ConnectTimeout),
		validateWait("AUTHCALL_HEADER_TIMEOUT", p.HeaderTimeout),
		validateWait("AUTHCALL_IDLE_TIMEOUT", p.IdleTimeout),
	))
}

func validateEndpoint(name, text string) error {
	if text == "" {
		return nil
	}
	endpoint, err := url.Parse(text)
	switch {
	case err != nil || endpoint.Host == "":
		return fmt.Errorf("%s is not a URL such as https://host/", name)
	case endpoint.Scheme == "https", endpoint.Scheme == "http" && net.ParseIP(endpoint.Hostname()).IsLoopback():
		return nil
	}
	return fmt.Errorf("%s is %s, want https, or http on a loopback address", name, withoutSecrets(text))
}

func validateWait(name string, d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("%s is %v, want 0s or more", name, d)
	}
	return nil
}

func (p Policy) call() call.Policy {
	return call.Policy{AllowedHosts: p.AllowedHosts, AllowHTTPHosts: p.AllowHTTPHosts, AllowMetadata: p.AllowMetadata}
}

// Logging are the options of the process's logger. An empty variable counts as
// one that is not set.
func (p Policy) Logging() logging.Options {
	return logging.Options{Level: cmp.Or(p.LogLevel, "info"), Format: cmp.Or(p.LogFormat, "text")}
}
