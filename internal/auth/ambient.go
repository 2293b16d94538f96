package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/compute/metadata"
	"golang.org/x/oauth2"
)

const (
	cloudPlatform = "https://www.googleapis.com/auth/cloud-platform"
	// googleUniverse is where everything is that names no other universe.
	googleUniverse = "googleapis.com"
	// endpointPatience bounds a token endpoint on the internet.
	endpointPatience = 30 * time.Second
)

// Ambient is the identity that the process runs under, as Application Default
// Credentials give it.
type Ambient struct {
	// Origin tells people where the credentials were found.
	Origin string

	tokens oauth2.TokenSource
	// email asks for the account's email; "" means that it cannot be told.
	email func(context.Context) (string, error)
	// workload is the name of one that has no email; nil for all others.
	workload func() string
	// identity mints an ID token of the account itself without the IAM
	// Credentials API; nil means that these credentials cannot.
	identity func(ctx context.Context, audience string) (string, error)
	// self is what may ask the IAM Credentials API for tokens of this very
	// account: for an impersonated account, the identity that impersonates it.
	// nil means the ambient identity as it is.
	self *delegation
	// universe asks for the domain of Google's APIs.
	universe     func(context.Context) (string, error)
	quotaProject string
	// patient waits for a slow server; it returns when the wait is over.
	patient func(context.Context) (context.Context, context.CancelFunc)

	mu    sync.Mutex
	known string
}

// delegation is an identity and the chain that it goes through.
type delegation struct {
	ambient   *Ambient
	delegates []string
}

// Token returns the ambient access token, from its cache until shortly before
// it expires.
func (a *Ambient) Token(ctx context.Context) (Secret, error) {
	token, err := await(ctx, a, func(context.Context) (*oauth2.Token, error) { return a.tokens.Token() })
	if err != nil {
		return "", a.describe(err)
	}
	return Secret(token.AccessToken), nil
}

// await bounds a call of a library that may not heed its context; one that
// hangs is left behind.
func await[T any](ctx context.Context, a *Ambient, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := a.patient(ctx)
	defer cancel()
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := call(ctx)
		done <- result{value, err}
	}()
	select {
	case <-ctx.Done():
		var none T
		return none, &UnreachableError{Server: a.Origin, Err: context.Cause(ctx)}
	case r := <-done:
		if cause := context.Cause(ctx); r.err != nil && cause != nil {
			r.err = &UnreachableError{Server: a.Origin, Err: cause}
		}
		return r.value, r.err
	}
}

// Email is the account's email, or "" where the credentials do not tell it. It
// is asked for once.
func (a *Ambient) Email(ctx context.Context) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known != "" {
		return a.known, nil
	}
	email, err := await(ctx, a, a.email)
	if err != nil {
		return "", a.describe(err)
	}
	a.known = email
	return email, nil
}

// Principal is who the credentials are of, for people and policies: an email, a
// workload's name in policies, or "" where they do not tell it.
func (a *Ambient) Principal(ctx context.Context) (string, error) {
	email, err := a.Email(ctx)
	if email == "" && err == nil && a.workload != nil {
		return a.workload(), nil
	}
	return email, err
}

// describe turns what Google's libraries say into who did not answer or who
// refused.
func (a *Ambient) describe(err error) error {
	const op = ambientOp
	var unreachable *UnreachableError
	var none *NoCredentialsError
	if errors.As(err, &unreachable) || errors.As(err, &none) {
		return err
	}
	var refused *metadata.Error
	if errors.As(err, &refused) {
		return &Error{Op: op, Status: refused.Code, Message: oneLine(refused.Message), Err: err}
	}
	var undefined metadata.NotDefinedError
	if errors.As(err, &undefined) {
		return &Error{Op: op, Status: http.StatusNotFound, Message: oneLine(err.Error()), Err: err}
	}
	var retrieve *oauth2.RetrieveError
	if errors.As(err, &retrieve) {
		return tokenRefusal(op, retrieve)
	}
	if refused := untypedRefusal(op, err); refused != nil {
		return refused
	}
	if strings.Contains(err.Error(), "private key") { // told in a text alone, which may show some of it
		return &NoCredentialsError{Err: fmt.Errorf("%s has a private key that is none", a.Origin)}
	}
	return &UnreachableError{Server: a.Origin, Err: err}
}

// ambientOp is what a refusal of the ambient credentials themselves is about.
const ambientOp = "get the ambient access token"

// within bounds a wait by a fixed time.
func within(patience time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
	return func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(ctx, patience)
	}
}
