package metadata

import (
	"net/http"

	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/issuer"
)

// serveToken ignores the scopes that a client asks for, as a VM's server does.
func (s *Server) serveToken(w http.ResponseWriter, _ *http.Request) {
	if !s.permitted(iam.GetAccessToken) {
		refuseUnbound(w, "access", iam.GetAccessToken)
		return
	}
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

func (s *Server) permitted(permission string) bool {
	return s.instance.Mode != GKE || s.instance.Permitted == nil || s.instance.Permitted(permission)
}

// refuseUnbound passes IAM's refusal on, as GKE's metadata server does, with the
// hint that belongs to it.
func refuseUnbound(w http.ResponseWriter, kind, permission string) {
	http.Error(w, "Unable to generate "+kind+" token; IAM returned 403 Forbidden: Permission '"+permission+"' denied on resource (or it may not exist).\n"+
		"This error could be caused by a missing IAM policy binding on the target IAM service account.\n"+
		"For more information, refer to the Workload Identity documentation:\n"+
		"\thttps://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity#authenticating_to", http.StatusForbidden)
}

func (s *Server) serveIdentity(w http.ResponseWriter, r *http.Request) {
	switch mode := s.instance.Mode; {
	case mode == Vertex404:
		http.Error(w, "Not Found", http.StatusNotFound)
	case mode == Vertex401:
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
	case mode == GKEConcealed:
		http.Error(w, "This metadata endpoint is concealed.", http.StatusForbidden)
	case !s.permitted(iam.GetOpenIDToken):
		refuseUnbound(w, "identity", iam.GetOpenIDToken)
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
		if s.instance.Mode == ComputeEngine {
			request.ComputeEngine = s.computeEngine()
		}
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
