package component

import (
	"context"
	"errors"

	"github.com/authcall/authcall/internal/diagnose"
	"github.com/authcall/authcall/internal/exitcode"
)

// AnswerError is an answer that is not a success, where that fails the run.
type AnswerError struct{ Outcome *Outcome }

// Error explains the answer.
func (e *AnswerError) Error() string { return e.Outcome.Finding().String() }

// Explain turns any error of this package into its cause, its cure and the
// exit code.
func Explain(err error) Finding {
	var answer *AnswerError
	var unfit *unfitError
	var input *InputError
	switch {
	case errors.As(err, &answer):
		return answer.Outcome.Finding()
	case errors.As(err, &unfit):
		return unfit.finding
	case errors.As(err, &input):
		return Finding{Cause: input.Error(), Code: exitcode.Usage}
	case errors.Is(err, context.Canceled):
		return Finding{Cause: "cancelled", Code: exitcode.Interrupted}
	}
	return diagnose.Error(err)
}
