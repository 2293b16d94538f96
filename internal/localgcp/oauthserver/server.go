package oauthserver

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/issuer"
)

// tokenLife is how long the access tokens are good.
const tokenLife = time.Hour

const maxForm = 64 << 10

// userScopes are those of the tokens that people get, as after
// `gcloud auth application-default login`.
func userScopes() []string {
	return []string{"openid", "https://www.googleapis.com/auth/userinfo.email", iam.CloudPlatform}
}

// IDTokens signs ID tokens.
type IDTokens interface {
	IDToken(t issuer.IDToken) (string, error)
}

// Options are what a Server works with.
type Options struct {
	// Directory knows the principals and makes their access tokens.
	Directory *iam.Directory
	// TokenURL is the address of /token, the aud claim of assertions.
	TokenURL string
	// AccountKeys verifies the assertions of a service account.
	AccountKeys func(email string) gate.KeySet
	// IDTokens signs ID tokens.
	IDTokens IDTokens
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Server answers at the paths that Handler names.
type Server struct {
	Options
	now func() time.Time
}

// New makes the server.
func New(o Options) *Server {
	now := o.Now
	if now == nil {
		now = time.Now
	}
	return &Server{o, now}
}

// Handler serves /token and /tokeninfo.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", s.serveToken)
	mux.HandleFunc("/tokeninfo", s.serveTokenInfo)
	return mux
}

// serveToken exchanges a refresh token (RFC 6749 section 6) or an assertion that a
// service account has signed (RFC 7523).
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	var answer any
	var err error
	switch grant := r.PostFormValue("grant_type"); grant {
	case "refresh_token":
		answer, err = s.refresh(r.PostFormValue("refresh_token"))
	case jwtBearer:
		answer, err = s.assertion(r.Context(), r.PostFormValue("assertion"))
	default:
		err = &refusal{"unsupported_grant_type", "Invalid grant_type: " + strconv.Quote(grant)}
	}
	if refused, ok := errors.AsType[*refusal](err); ok {
		writeError(w, refused.code, refused.description)
		return
	}
	if err != nil {
		writeError(w, "server_error", err.Error())
		return
	}
	apierror.WriteJSON(w, http.StatusOK, answer)
}

// refusal is an error answer of OAuth.
type refusal struct{ code, description string }

func (e *refusal) Error() string { return e.code + ": " + e.description }

func (s *Server) refresh(token string) (any, error) {
	user, err := s.Directory.Refresh(token)
	if err != nil {
		return nil, &refusal{"invalid_grant", "Bad Request"}
	}
	return s.accessToken(user, userScopes())
}

func (s *Server) accessToken(p iam.Principal, scopes []string) (any, error) {
	token, _, err := s.Directory.AccessToken(p, scopes, tokenLife)
	return map[string]any{
		"access_token": token,
		"expires_in":   int(tokenLife.Seconds()) - 1,
		"scope":        strings.Join(scopes, " "),
		"token_type":   "Bearer",
	}, err
}

func (s *Server) serveTokenInfo(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	holder, expires, err := s.Directory.Introspect(r.FormValue("access_token"))
	if err != nil {
		writeError(w, "invalid_token", "Invalid Value")
		return
	}
	info := map[string]string{
		"azp":         holder.ID,
		"aud":         holder.ID,
		"sub":         holder.ID,
		"scope":       strings.Join(holder.Scopes, " "),
		"exp":         strconv.FormatInt(expires.Unix(), 10),
		"expires_in":  strconv.Itoa(int(expires.Sub(s.now()).Seconds())),
		"access_type": "online",
	}
	if holder.Kind != iam.Workload {
		info["email"], info["email_verified"] = holder.Email, "true"
	}
	apierror.WriteJSON(w, http.StatusOK, info)
}

func writeError(w http.ResponseWriter, code, description string) {
	apierror.WriteJSON(w, http.StatusBadRequest, map[string]string{"error": code, "error_description": description})
}
