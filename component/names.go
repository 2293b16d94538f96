package component

import (
	"github.com/authcall/authcall/internal/auth"
	"github.com/authcall/authcall/internal/call"
	"github.com/authcall/authcall/internal/diagnose"
)

// What a program of another module must be able to name, though it lives in a
// room that only this module may import.
type (
	// AuthKind is a kind of credential that a call carries.
	AuthKind = auth.Kind
	// Credential is a token, as whom it speaks and until when.
	Credential = auth.Credential
	// Receiver gets an answer while it streams in.
	Receiver = call.Receiver
	// Answer is what a service answered, less its body.
	Answer = call.Answer
	// Finding is a failure told to people: its cause, its cure and its exit code.
	Finding = diagnose.Finding
)

// The kinds of credential.
const (
	// AuthAuto is an access token for Google's own APIs and an ID token for all else.
	AuthAuto = auth.Auto
	// AuthIDToken is a Google-signed ID token.
	AuthIDToken = auth.IDToken
	// AuthIAPJWT is a JWT signed by the service account itself, which every kind of
	// IAP takes.
	AuthIAPJWT = auth.IAPJWT
	// AuthAccessToken is an OAuth 2.0 access token.
	AuthAccessToken = auth.AccessToken
	// AuthNone means that the call carries no credential.
	AuthNone = auth.None
)
