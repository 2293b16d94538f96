package gapi

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Kind sorts what can go wrong by what cures it.
type Kind string

// The kinds of Error.
const (
	// Invalid: the request is wrong; it was not sent.
	Invalid Kind = "invalid request"
	// Rejected: the service calls the request wrong.
	Rejected Kind = "rejected request"
	// Credentials: none could be had, or they were not accepted.
	Credentials Kind = "credentials"
	// Permission: the caller may not do this with the API.
	Permission Kind = "permission"
	// ActAs: the caller may not set up what runs as the service account.
	ActAs Kind = "actAs permission"
	// NotFound: the project, the location or the thing itself does not exist.
	NotFound Kind = "not found"
	// Exists: a thing of this name is there already.
	Exists Kind = "already exists"
	// Quota: a quota is used up.
	Quota Kind = "quota"
	// Unavailable: the service could not be reached or did not answer in time.
	Unavailable Kind = "unavailable"
	// Internal: the service failed, or said what nobody expected.
	Internal Kind = "internal"
)

// Error is a call that failed.
type Error struct {
	// Kind says what sort of failure it is.
	Kind Kind
	// Op says what was tried, as in "submitting the run"; it is empty where
	// nothing was.
	Op string
	// Message is what came back.
	Message string
	// ServiceAccount is the account that the service named, for Kind ActAs.
	ServiceAccount string
	// Reason is Google's own word for the cause, as in SERVICE_DISABLED; empty
	// where it gave none.
	Reason string
	// Err is the cause, which may hold a gRPC status.
	Err error
}

func (e *Error) Error() string {
	if e.Op == "" {
		return e.Message
	}
	return e.Op + ": " + e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// IsKind tells whether err is an *Error of the kind.
func IsKind(err error, kind Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}

// actAsText is how Vertex AI refuses a service account, as an invalid argument,
// and how Scheduler, Tasks and Pub/Sub do.
var actAsText = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:permission to act as service_account: |iam\.serviceAccounts\.actAs"? for the resource "?|act as (?:the )?service account )"?([^\s"]+@[^\s"]+?)"?\.?(?: \(|$| )`)
})

// AsError turns the failure of a call into an *Error. A context that ended
// stays what it is, its cause included.
func AsError(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", op, context.Cause(ctx))
	}
	s := statusOf(err)
	e := &Error{Kind: kindOf(s.Code()), Op: op, Message: plain(s.Message()), Reason: reasonOf(s), Err: err}
	if m := actAsText().FindStringSubmatch(s.Message()); m != nil {
		e.Kind, e.ServiceAccount = ActAs, m[1]
	}
	return e
}

// statusOf finds the status in an error with the message as it was sent;
// status.Convert would put the wrapping into it.
func statusOf(err error) *status.Status {
	var carrier interface{ GRPCStatus() *status.Status }
	if errors.As(err, &carrier) {
		return carrier.GRPCStatus()
	}
	return status.Convert(err)
}

func reasonOf(s *status.Status) string {
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

func kindOf(code codes.Code) Kind {
	switch code {
	case codes.InvalidArgument, codes.FailedPrecondition, codes.OutOfRange:
		return Rejected
	case codes.Unauthenticated:
		return Credentials
	case codes.PermissionDenied:
		return Permission
	case codes.NotFound:
		return NotFound
	case codes.AlreadyExists:
		return Exists
	case codes.ResourceExhausted:
		return Quota
	case codes.Unavailable, codes.DeadlineExceeded:
		return Unavailable
	default:
		return Internal
	}
}
