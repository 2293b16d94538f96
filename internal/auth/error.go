package auth

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/api/googleapi"
)

// Error is a refusal by Google's IAM Credentials API or by the metadata
// server, with all that is needed to say who was refused what.
type Error struct {
	// Op is what was tried, such as "mint an ID token".
	Op string
	// Principal is who tried it: an account's email or a workload's
	// name in policies, empty where it is not known.
	Principal string
	// Account is the service account that was asked for.
	Account string
	// Delegates is the chain of accounts that it was asked through.
	Delegates []string
	// Resource is what else was asked for, such as a secret version.
	Resource string
	// Audience is the audience that was asked for, where there is one.
	Audience string
	// Status is the HTTP status of the answer.
	Status int
	// Reason and Metadata are the answer's google.rpc.ErrorInfo, empty where it
	// has none.
	Reason   string
	Metadata map[string]string
	// Message is Google's own text, on one line.
	Message string
	// Attempts is how often it was tried.
	Attempts int
	// Err is the cause.
	Err error
}

// Error says what was tried, as whom and what came back.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Account != "" {
		fmt.Fprintf(&b, " for %s", e.Account)
	}
	if e.Principal != "" {
		fmt.Fprintf(&b, " as %s", e.Principal)
	}
	fmt.Fprintf(&b, ": %d %s", e.Status, http.StatusText(e.Status))
	if e.Reason != "" {
		fmt.Fprintf(&b, " %s", e.Reason)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, ": %s", e.Message)
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " (%d attempts)", e.Attempts)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// UnreachableError means that a server which hands out credentials did not
// answer: the metadata server, the IAM Credentials API or a token endpoint.
type UnreachableError struct {
	// Server names it, such as "metadata server at 169.254.169.254".
	Server string
	// Err is the cause.
	Err error
}

// Error names the server and the cause.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("%s does not answer: %v", e.Server, e.Err)
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// NoCredentialsError means that there are no Application Default Credentials.
type NoCredentialsError struct{ Err error }

// Error gives the cause on one line.
func (e *NoCredentialsError) Error() string {
	return "no Application Default Credentials: " + oneLine(e.Err.Error())
}

func (e *NoCredentialsError) Unwrap() error { return e.Err }

// refusal turns an error of Google's REST client into an Error; anything else
// is nil. The answer's body is not kept: it may hold a token.
func refusal(err error) *Error {
	var g *googleapi.Error
	if !errors.As(err, &g) {
		return nil
	}
	e := &Error{Status: g.Code, Message: oneLine(g.Message), Err: err}
	var api *apierror.APIError
	if !errors.As(err, &api) {
		api, _ = apierror.FromError(err) // an error that no client of Google's has wrapped
	}
	if api != nil {
		e.Reason, e.Metadata = api.Reason(), api.Metadata()
	}
	return e
}

// oneLine folds white space and caps the text: it ends up in one log line.
func oneLine(text string) string {
	const limit = 500
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "") + "…"
	}
	return text
}
