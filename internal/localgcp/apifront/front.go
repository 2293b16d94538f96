package apifront

import (
	"errors"
	"net/http"
	"sync/atomic"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

// Authenticator knows a caller by an access token.
type Authenticator interface {
	Authenticate(bearer string) (iam.Principal, error)
}

// Front stands before the methods of one API.
type Front struct {
	// Service is the API's name, such as iam.googleapis.com.
	Service string
	// Title is its name for people.
	Title string
	// Project is where the API is enabled or disabled, by its number.
	Project string
	// Scopes open the API, beside iam.CloudPlatform.
	Scopes []string
	// Disabled refuses every call until Enable.
	Disabled bool
	// Faults fail calls that would otherwise be answered; nil fails none.
	Faults *Faults
	// Callers knows the callers.
	Callers Authenticator
	// MayUse says whether a caller may have its requests counted against another
	// project than the API's own, which X-Goog-User-Project names; nil means
	// that nobody may.
	MayUse func(caller iam.Principal, project string) bool

	enabled atomic.Bool
}

// Enable ends Disabled.
func (f *Front) Enable() { f.enabled.Store(true) }

const userProject = "X-Goog-User-Project"

// Method answers one call of an authenticated caller. An error that is not an
// *apierror.Error is answered with 500.
type Method func(caller iam.Principal, r *http.Request) (answer any, err error)

// Handle makes a handler of a method; its name is the gRPC one, as errors show it.
func (f *Front) Handle(name string, m Method) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := f.call(name, m, r)
		if err == nil {
			apierror.WriteJSON(w, http.StatusOK, answer)
			return
		}
		tell(w, err)
	}
}

// Pass makes a handler that leaves the answer to another one, which gets the
// caller.
func (f *Front) Pass(name string, next func(w http.ResponseWriter, r *http.Request, caller iam.Principal)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		caller, err := f.Admit(name, r.Header)
		if err == nil {
			next(w, r, caller)
			return
		}
		tell(w, err)
	}
}

func tell(w http.ResponseWriter, err error) {
	told, ok := errors.AsType[*apierror.Error](err)
	if !ok {
		told = &apierror.Error{Code: http.StatusInternalServerError, Message: err.Error()}
	}
	told.Write(w)
}

func (f *Front) call(name string, m Method, r *http.Request) (any, error) {
	caller, err := f.Admit(name, r.Header)
	if err != nil {
		return nil, err
	}
	return m(caller, r)
}

// Admit knows the caller of a method by the headers, and lets it in. Its errors
// are *apierror.Error.
func (f *Front) Admit(name string, header http.Header) (iam.Principal, error) {
	caller, err := f.authenticate(name, header)
	if err != nil {
		return caller, err
	}
	if f.Disabled && !f.enabled.Load() {
		return caller, apierror.ServiceDisabled(f.Title, f.Service, f.Project)
	}
	if !caller.HasScope(append([]string{iam.CloudPlatform}, f.Scopes...)...) {
		return caller, apierror.ScopeInsufficient(f.Service, name)
	}
	if project := header.Get(userProject); project != "" && (f.MayUse == nil || !f.MayUse(caller, project)) {
		return caller, apierror.ProjectDenied(f.Service, project)
	}
	if err := f.Faults.next(name); err != nil {
		return caller, err
	}
	return caller, nil
}

func (f *Front) authenticate(name string, header http.Header) (iam.Principal, error) {
	token, err := gate.Bearer(header, "Authorization")
	if refusal, ok := errors.AsType[*gate.Error](err); ok && refusal.Reason == gate.Missing {
		return iam.Principal{}, apierror.CredentialsMissing(f.Service, name)
	}
	caller, err := f.Callers.Authenticate(token)
	switch {
	case errors.Is(err, iam.ErrExpiredToken):
		return iam.Principal{}, apierror.CredentialsInvalid("ACCESS_TOKEN_EXPIRED", f.Service, name)
	case err != nil:
		return iam.Principal{}, apierror.CredentialsInvalid("ACCESS_TOKEN_TYPE_UNSUPPORTED", f.Service, name)
	}
	return caller, nil
}
