package metadata

import (
	"net/http"

	"github.com/authcall/authcall/internal/localgcp/issuer"
)

// serveToken ignores the scopes that a client asks for, as a VM's server does.
func (s *Server) serveToken(w http.ResponseWriter, _ *http.Request) {
	token, _, err := s.access.AccessToken(s.instance.Account, s.instance.Scopes, tokenLife)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	writeJSON(w, map[string]any{
		"access_token": token,
		"expires_in":   int(tokenLife.Seconds()) - 1,
		"token_type":   "Bearer",
	})
}

func (s *Server) serveIdentity(w http.ResponseWriter, r *http.Request) {
	switch s.instance.Mode {
	case Vertex404:
		http.Error(w, "Not Found", http.StatusNotFound)
	case Vertex401:
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
	default:
		s.giveIdentity(w, r)
	}
}

func (s *Server) giveIdentity(w http.ResponseWriter, r *http.Request) {
	audience, format := r.URL.Query().Get("audience"), r.URL.Query().Get("format")
	if audience == "" {
		http.Error(w, "non-empty audience parameter required", http.StatusBadRequest)
		return
	}
	if format != "" && format != "standard" && format != "full" {
		http.Error(w, "format must be standard or full", http.StatusBadRequest)
		return
	}
	request := issuer.IDToken{Subject: s.instance.Account.ID, Audience: audience}
	if format == "full" {
		request.Email = s.instance.Account.Email
		request.ComputeEngine = s.computeEngine()
	}
	token, err := s.identity.IDToken(request)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html")
	_, _ = w.Write([]byte(token))
}

func (s *Server) computeEngine() any {
	i := s.instance
	return map[string]any{
		"instance_id":    i.ID,
		"instance_name":  i.Name,
		"project_id":     i.Project,
		"project_number": number(i.Number),
		"zone":           i.zone(),
	}
}
