package component

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/auth"
	"github.com/authcall/authcall/internal/backoff"
	"github.com/authcall/authcall/internal/call"
	"github.com/authcall/authcall/internal/diagnose"
	"github.com/authcall/authcall/internal/expression"
)

const (
	// responseTextBytes is how much of the body becomes response_text: runtimes
	// keep parameters in a metadata store, which is no place for bodies.
	responseTextBytes = 8192
	// expressionBytes is how long a body may be for success and result to see it.
	expressionBytes = 16 << 20
)

// Caller makes calls by one config. It is ready before anything is sent: all
// that can be wrong with the config has been told by then.
type Caller struct {
	config          Config
	target          *url.URL
	success, result expression.Expression
	source          *auth.Source
	client          *call.Client
	log             zerolog.Logger
}

// Outcome is an answer and what the config makes of it.
type Outcome struct {
	// Answer is what the service answered.
	Answer *call.Answer
	// Success says whether it is a success by the config.
	Success bool
	// Result is the value of the result expression as text.
	Result string
	// Text is the start of the body, at most 8192 bytes of valid UTF-8.
	Text string
	// Caller is who called as whom.
	Caller diagnose.Caller

	head []byte
}

// NewCaller checks the config and sets up identity and transport. It sends
// nothing. The errors are of type *InputError.
func NewCaller(c Config, p Policy, log zerolog.Logger) (*Caller, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	caller := &Caller{config: c, log: log}
	var err error
	if caller.target, err = url.Parse(c.URL); err == nil {
		err = p.call().Check(caller.target)
	}
	successErr, resultErr := caller.compile()
	if err := errors.Join(err, successErr, resultErr); err != nil {
		return nil, inputError(err)
	}
	caller.config.aim(caller.target)
	caller.connect(p)
	return caller, nil
}

func (c *Caller) compile() (successErr, resultErr error) {
	if c.success, successErr = expression.Compile(c.config.Success); successErr != nil {
		successErr = fmt.Errorf("success: %w", successErr)
	}
	if c.result, resultErr = expression.Compile(c.config.Result); resultErr != nil {
		resultErr = fmt.Errorf("result: %w", resultErr)
	}
	return successErr, resultErr
}

// connect builds the one transport, which Google's APIs and the service share.
func (c *Caller) connect(p Policy) {
	transport := p.transport()
	c.source = newSource(c.config, p, transport, c.log)
	c.client = call.New(call.Options{
		Transport:   transport,
		Policy:      p.call(),
		Authorizer:  &authorizer{source: c.source},
		MaxAttempts: c.config.MaxAttempts,
		IdleTimeout: p.IdleTimeout,
		Backoff:     backoff.Default(),
		Log:         c.log,
	})
}

// Call makes the call and streams the answer to its receiver.
func (c *Caller) Call(ctx context.Context, to call.Receiver) (*Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(c.config.TimeoutSeconds)*time.Second)
	defer cancel()
	request, err := c.request()
	if err != nil {
		return nil, inputError(err)
	}
	sink := call.NewSink(to, call.SinkOptions{Keep: c.keep()})
	answer, err := c.client.Do(ctx, request, sink)
	if err != nil {
		return nil, c.signed(ctx, err)
	}
	return c.judge(ctx, answer, sink)
}

// signed adds to a failed call as whom it was made.
func (c *Caller) signed(ctx context.Context, err error) error {
	var failed *call.Error
	if errors.As(err, &failed) {
		failed.CalledAs = c.caller(ctx).CalledAs
	}
	return err
}

// keep is how much of the body is held in memory.
func (c *Caller) keep() int {
	if c.success.IsEmpty() && c.result.IsEmpty() {
		return responseTextBytes
	}
	return expressionBytes
}
