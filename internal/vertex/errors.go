package vertex

import "github.com/authcall/authcall/internal/gapi"

type (
	// Error is a call that failed.
	Error = gapi.Error
	// Kind sorts what can go wrong by what cures it.
	Kind = gapi.Kind
)

// The kinds of Error.
const (
	Invalid     = gapi.Invalid
	Rejected    = gapi.Rejected
	Credentials = gapi.Credentials
	Permission  = gapi.Permission
	ActAs       = gapi.ActAs
	NotFound    = gapi.NotFound
	Exists      = gapi.Exists
	Quota       = gapi.Quota
	Unavailable = gapi.Unavailable
	Internal    = gapi.Internal
)

// IsKind tells whether err is an *Error of the kind.
func IsKind(err error, kind Kind) bool { return gapi.IsKind(err, kind) }
