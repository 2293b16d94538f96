package component

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/call"
	"github.com/authcall/authcall/internal/executor"
)

// Step is one run of the component under a KFP runtime.
type Step struct {
	// Config holds defaults and what the environment says; the executor input
	// goes over it.
	Config Config
	// Override, where there is one, goes over the executor input in turn.
	Override func(*Config) error
	// Policy is what only the environment may set.
	Policy Policy
	// Log is told what happens.
	Log zerolog.Logger
}

// Run makes the call that the executor input describes, and writes the
// outputs. An outcome that fails the step is returned with its outputs
// written; the error then is an *AnswerError.
func (s *Step) Run(ctx context.Context, executorInput string) error {
	in, err := executor.Parse(executorInput)
	if err != nil {
		return inputError(err)
	}
	err = s.run(ctx, in)
	if err == nil {
		return nil
	}
	if surfaced := in.Outputs.WriteError(Explain(err).String()); surfaced != nil {
		s.Log.Debug().Err(surfaced).Msg("the cause is only in this log")
	}
	return err
}

func (s *Step) run(ctx context.Context, in *executor.Input) error {
	s.Policy.origin = originOf(in.Outputs.OutputFile, os.Getenv)
	if known := s.Policy.origin.String(); known != "" {
		s.Log.Info().Msg(known)
	}
	s.warnUnresolved(in)
	if err := s.Config.overlay(in); err != nil {
		return err
	}
	if s.Override != nil {
		if err := s.Override(&s.Config); err != nil {
			return err
		}
	}
	if s.Config.IdempotencyKey == autoKey {
		s.Config.IdempotencyKey = taskKey(in.Outputs.OutputFile)
	}
	caller, err := NewCaller(s.Config, s.Policy, s.Log)
	if err != nil {
		return err
	}
	if err := in.Outputs.Prepare(); err != nil {
		return inputError(fmt.Errorf("outputs cannot be written: %w", err))
	}
	outcome, err := s.call(ctx, caller, in)
	if err != nil {
		return err
	}
	if err := in.Outputs.Write(outcome.values()); err != nil {
		return err
	}
	return s.verdict(outcome)
}

// call makes the call with the body streaming beside the artifact's path, where
// it gets its name only when it is whole.
func (s *Step) call(ctx context.Context, caller *Caller, in *executor.Input) (*Outcome, error) {
	artifact, wanted := in.Outputs.Artifacts[OutputResponse]
	if !wanted {
		return caller.Call(ctx, call.Receiver{Body: io.Discard})
	}
	path, err := artifact.Path(s.Policy.MountRoot)
	if err != nil {
		return nil, inputError(err)
	}
	caller.operation = operationFile(path + ".operation")
	file, err := executor.CreateBeside(path)
	if err != nil {
		return nil, inputError(fmt.Errorf("outputs cannot be written: %w", err))
	}
	outcome, err := caller.Call(ctx, call.Receiver{Body: file})
	if err != nil {
		return nil, errors.Join(err, file.Discard())
	}
	return outcome, file.Publish()
}

func (s *Step) verdict(o *Outcome) error {
	if o.Success {
		s.Log.Info().Msgf("%s %s as %s: %d, %d bytes in %.3f s", o.Answer.Method, o.url(), cmp.Or(o.Caller.CalledAs, "nobody"), o.Answer.Status, o.Answer.Bytes, o.Answer.Elapsed.Seconds())
		return nil
	}
	if s.Config.FailOnHTTPError {
		return &AnswerError{Outcome: o}
	}
	s.Log.Warn().Msgf("not a success, which fail_on_http_error=false lets pass: %s", o.Finding())
	return nil
}

// warnUnresolved tells of placeholders that the runtime left as they were; they
// count as not given.
func (s *Step) warnUnresolved(in *executor.Input) {
	for _, name := range in.Names() {
		if in.Unresolved(name) {
			s.Log.Warn().Msgf("input %s holds a placeholder that the runtime did not replace; it counts as not given", name)
		}
	}
}

// values are the outputs of an outcome.
func (o *Outcome) values() executor.Values {
	return executor.Values{
		Parameters: map[string]any{
			OutputStatusCode:   o.Answer.Status,
			OutputResponseText: o.Text,
			OutputResult:       o.Result,
		},
		Metadata: map[string]map[string]any{OutputResponse: {
			"url":          o.url(),
			"method":       o.Answer.Method,
			"status_code":  o.Answer.Status,
			"content_type": o.Answer.Header.Get("Content-Type"),
			"bytes":        o.Answer.Bytes,
			"sha256":       o.Answer.SHA256,
			"attempts":     o.Answer.Attempts,
			"seconds":      o.Answer.Elapsed.Seconds(),
			"principal":    o.Caller.Principal,
			"called_as":    o.Caller.CalledAs,
			"headers":      o.published,
		}},
	}
}

// url is the called URL less its query, which may hold secrets.
func (o *Outcome) url() string { return call.Bare(o.Answer.URL) }
