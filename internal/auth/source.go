package auth

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/backoff"
)

// earlyRefresh is how long before its expiry a token is no longer used, so
// that it does not expire on its way.
const earlyRefresh = 3 * time.Minute

// Options say which credential is wanted.
type Options struct {
	// Kind is the kind of credential; Auto, which knows no target here, is an
	// ID token.
	Kind Kind
	// ServiceAccount is the email of the account to call as; empty means the
	// ambient one.
	ServiceAccount string
	// Audience is the aud claim of an ID token or a signed JWT.
	Audience string
	// Delegates is the chain of accounts from the ambient one to ServiceAccount.
	Delegates []string
	// IAMEndpoint is the base URL of the IAM Credentials API; empty means the
	// one of the credentials' universe.
	IAMEndpoint string
	// Transport carries all requests to Google's APIs.
	Transport http.RoundTripper
	// UserAgent is sent to Google's APIs.
	UserAgent string
	// Backoff spaces the tries.
	Backoff backoff.Policy
	// Log is told which way was chosen and why.
	Log zerolog.Logger
}

// Credential is what one call carries.
type Credential struct {
	// Kind is the kind of Token; None has no token.
	Kind Kind
	// Token is the credential itself.
	Token Secret
	// Expiry is when the token ends, from its own exp claim.
	Expiry time.Time
	// CalledAs is the email of the account that the token stands for, or ""
	// where it is not known.
	CalledAs string
}

// Source hands out the credential for one target. It mints one token and
// gives it to all callers until shortly before the token's own expiry.
type Source struct {
	options Options

	mu      sync.Mutex
	ambient *Ambient
	iam     *iam
	cached  Credential
}

// NewSource makes a source; nothing is looked up before the first use.
func NewSource(o Options) *Source {
	if o.Kind == Auto {
		o.Kind = IDToken
	}
	return &Source{options: o}
}

// Credential returns the credential, minting it at the first use and near its
// expiry. Callers at the same time wait for one mint.
func (s *Source) Credential(ctx context.Context) (Credential, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.options.Kind == None {
		return Credential{Kind: None}, nil
	}
	if s.cached.Token != "" && time.Until(s.cached.Expiry) > earlyRefresh {
		return s.cached, nil
	}
	credential, err := s.mint(ctx)
	if err != nil {
		return Credential{}, s.explain(ctx, err)
	}
	s.cached = credential
	return credential, nil
}

// Renew returns a credential other than the stale one that a target has just
// refused.
func (s *Source) Renew(ctx context.Context, stale Credential) (Credential, error) {
	s.mu.Lock()
	if s.cached.Token == stale.Token {
		s.cached = Credential{}
	}
	s.mu.Unlock()
	return s.Credential(ctx)
}

// Principal is who the ambient credentials are of, "" where none were needed or
// they do not tell it.
func (s *Source) Principal(ctx context.Context) string {
	s.mu.Lock()
	ambient := s.ambient
	s.mu.Unlock()
	if ambient == nil {
		return ""
	}
	who, err := ambient.Principal(ctx)
	if err != nil {
		s.options.Log.Debug().Err(err).Msg("the ambient account's email is not known")
	}
	return who
}

// Ambient is the identity that the source rests on.
func (s *Source) Ambient(ctx context.Context) (*Ambient, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.findAmbient(ctx)
	return s.ambient, err
}

// Universe is the domain of Google's APIs for the ambient credentials.
func (s *Source) Universe(ctx context.Context) (string, error) {
	ambient, err := s.Ambient(ctx)
	if err != nil {
		return "", err
	}
	universe, err := ambient.universe(ctx)
	if err != nil {
		return "", ambient.describe(err)
	}
	return universe, nil
}

// AmbientClient sends requests to Google's APIs with the ambient access token.
func (s *Source) AmbientClient(ctx context.Context) (*http.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.findAmbient(ctx); err != nil {
		return nil, err
	}
	return &http.Client{Transport: &ambientTransport{ambient: s.ambient, next: s.options.Transport}}, nil
}

// Refusal explains an error of a request that an AmbientClient sent: what was
// tried, on which resource, as whom.
func (s *Source) Refusal(ctx context.Context, err error, op, resource string) error {
	var ambient *ambientError
	if errors.As(err, &ambient) {
		return ambient.err
	}
	refused := refusal(err)
	if refused == nil {
		return &UnreachableError{Server: "Google's API (" + op + ")", Err: err}
	}
	refused.Op, refused.Resource, refused.Attempts, refused.Principal = op, resource, 1, s.Principal(ctx)
	return refused
}

// explain adds to a refusal who was refused.
func (s *Source) explain(ctx context.Context, err error) error {
	var refused *Error
	if !errors.As(err, &refused) || s.ambient == nil {
		return err
	}
	asker := s.ambient
	if s.iam != nil {
		asker = s.iam.asker
	}
	if refused.Op == ambientOp && asker.self != nil { // who may not become the account
		refused.Account, _ = asker.Email(ctx)
		asker = asker.self.ambient
	}
	if refused.Principal == "" {
		refused.Principal, _ = asker.Principal(ctx) // the refusal is the news, not this
	}
	return err
}
