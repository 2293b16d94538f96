package sts

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

// What a client must ask for, as RFC 8693 names it.
const (
	grantType       = "urn:ietf:params:oauth:grant-type:token-exchange"
	accessTokenType = "urn:ietf:params:oauth:token-type:access_token"
)

func subjectTokenTypes() []string {
	return []string{"urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token"}
}

const (
	tokenLife = time.Hour
	maxForm   = 64 << 10
)

// Directory knows the workloads and makes their tokens.
type Directory interface {
	Lookup(name string) (iam.Principal, bool)
	AccessToken(p iam.Principal, scopes []string, life time.Duration) (string, time.Time, error)
}

// Options are what a Server trusts.
type Options struct {
	// Pool is the workload identity pool's full name, from projects/ on.
	Pool string
	// Provider is the name of the one provider in it.
	Provider string
	// Issuer is the iss claim of the provider's tokens.
	Issuer string
	// Keys verifies them.
	Keys gate.KeySet
	// Directory has a principal for each subject that may come.
	Directory Directory
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Audience is the resource that clients name as the audience of an exchange.
func (o Options) Audience() string {
	return "//iam.googleapis.com/" + o.Pool + "/providers/" + o.Provider
}

// TokenAudience is the aud claim that a provider takes where none is configured.
func (o Options) TokenAudience() string { return "https:" + o.Audience() }

// Member is a subject of the pool as policies name it.
func (o Options) Member(subject string) string {
	return "principal://iam.googleapis.com/" + o.Pool + "/subject/" + subject
}

// Server answers exchanges.
type Server struct {
	options Options
	gate    *gate.Gate
}

// New checks the options.
func New(ctx context.Context, o Options) (*Server, error) {
	g, err := gate.New(ctx, gate.Policy{Audiences: []string{o.TokenAudience()}, Issuers: []string{o.Issuer}, Keys: o.Keys, Now: o.Now})
	return &Server{options: o, gate: g}, err
}

// ServeHTTP answers POST /v1/token.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	token, err := s.exchange(r)
	if refused, ok := errors.AsType[*refusal](err); ok {
		apierror.WriteJSON(w, http.StatusBadRequest, map[string]string{"error": refused.code, "error_description": refused.description})
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	apierror.WriteJSON(w, http.StatusOK, map[string]any{
		"access_token":      token,
		"issued_token_type": accessTokenType,
		"token_type":        "Bearer",
		"expires_in":        int(tokenLife.Seconds()) - 1,
	})
}

// refusal is an error answer of OAuth.
type refusal struct{ code, description string }

func (e *refusal) Error() string { return e.code + ": " + e.description }

func (s *Server) exchange(r *http.Request) (string, error) {
	switch {
	case r.PostFormValue("grant_type") != grantType:
		return "", &refusal{"unsupported_grant_type", "The grant_type must be " + grantType + "."}
	case !slices.Contains(subjectTokenTypes(), r.PostFormValue("subject_token_type")):
		return "", &refusal{"invalid_request", "The subject_token_type is not supported."}
	case r.PostFormValue("requested_token_type") != accessTokenType:
		return "", &refusal{"invalid_request", "The requested_token_type must be " + accessTokenType + "."}
	case r.PostFormValue("audience") != s.options.Audience():
		return "", &refusal{"invalid_target", "The target service indicated by the \"audience\" parameters is invalid."}
	}
	claims, err := s.gate.Verify(r.Context(), r.PostFormValue("subject_token"))
	if err != nil {
		return "", &refusal{"invalid_grant", "The subject token was refused: " + reason(err) + "."}
	}
	workload, ok := s.options.Directory.Lookup(s.options.Member(claims.Subject))
	if !ok {
		return "", &refusal{"unauthorized_client", "The given credential is rejected by the attribute condition."}
	}
	token, _, err := s.options.Directory.AccessToken(workload, strings.Fields(r.PostFormValue("scope")), tokenLife)
	return token, err
}

func reason(err error) string {
	if refused, ok := errors.AsType[*gate.Error](err); ok {
		return string(refused.Reason)
	}
	return "unknown"
}
