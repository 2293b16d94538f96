package oauthserver

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

// tokenLife is how long the access tokens are good.
const tokenLife = time.Hour

const maxForm = 64 << 10

// userScopes are those of the tokens that people get, as after
// `gcloud auth application-default login`.
func userScopes() []string {
	return []string{"openid", "https://www.googleapis.com/auth/userinfo.email", iam.CloudPlatform}
}

// Server answers at the paths that Handler names.
type Server struct {
	directory *iam.Directory
	now       func() time.Time
}

// New makes the server; the clock now is time.Now where nil.
func New(d *iam.Directory, now func() time.Time) *Server {
	if now == nil {
		now = time.Now
	}
	return &Server{d, now}
}

// Handler serves /token and /tokeninfo.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", s.serveToken)
	mux.HandleFunc("/tokeninfo", s.serveTokenInfo)
	return mux
}

// serveToken exchanges a refresh token, as RFC 6749 section 6 has it.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if grant := r.PostFormValue("grant_type"); grant != "refresh_token" {
		writeError(w, "unsupported_grant_type", "Invalid grant_type: "+strconv.Quote(grant))
		return
	}
	user, err := s.directory.Refresh(r.PostFormValue("refresh_token"))
	if err != nil {
		writeError(w, "invalid_grant", "Bad Request")
		return
	}
	token, _, err := s.directory.AccessToken(user, userScopes(), tokenLife)
	if err != nil {
		writeError(w, "server_error", err.Error())
		return
	}
	apierror.WriteJSON(w, http.StatusOK, map[string]any{
		"access_token": token,
		"expires_in":   int(tokenLife.Seconds()) - 1,
		"scope":        strings.Join(userScopes(), " "),
		"token_type":   "Bearer",
	})
}

func (s *Server) serveTokenInfo(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	holder, expires, err := s.directory.Introspect(r.FormValue("access_token"))
	if err != nil {
		writeError(w, "invalid_token", "Invalid Value")
		return
	}
	apierror.WriteJSON(w, http.StatusOK, map[string]string{
		"azp":            holder.ID,
		"aud":            holder.ID,
		"sub":            holder.ID,
		"scope":          strings.Join(holder.Scopes, " "),
		"exp":            strconv.FormatInt(expires.Unix(), 10),
		"expires_in":     strconv.Itoa(int(expires.Sub(s.now()).Seconds())),
		"email":          holder.Email,
		"email_verified": "true",
		"access_type":    "online",
	})
}

func writeError(w http.ResponseWriter, code, description string) {
	apierror.WriteJSON(w, http.StatusBadRequest, map[string]string{"error": code, "error_description": description})
}
