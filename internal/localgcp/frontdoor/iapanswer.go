package frontdoor

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/authcall/authcall/gate"
)

// refuse sends browsers to the sign-in page and tells all others why.
func (d *iapDoor) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if reasonOf(err) == gate.Missing && wantsPage(r) {
		http.SetCookie(w, &http.Cookie{Name: "GCP_IAP_XSRF_NONCE_local", Value: "1", Path: "/", HttpOnly: true, SameSite: http.SameSiteNoneMode, Secure: true})
		w.Header().Set("Location", d.signInURL())
		answer(w, http.StatusFound, "Invalid IAP credentials: empty token")
		return
	}
	answer(w, http.StatusUnauthorized, "Invalid IAP credentials: "+complaint(err))
}

func wantsPage(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	safe := r.Method == http.MethodGet || r.Method == http.MethodHead
	return safe && (accept == "" || strings.Contains(accept, "text/html") || strings.Contains(accept, "*/*"))
}

func (d *iapDoor) signInURL() string {
	client := d.ClientIDs[0]
	if client == managedClient {
		client = "managed.apps.googleusercontent.com"
	}
	return "https://accounts.google.com/o/oauth2/v2/auth?" + url.Values{
		"client_id":     {client},
		"redirect_uri":  {"https://iap.googleapis.com/v1/oauth/clientIds/" + client + ":handleRedirect"},
		"response_type": {"code"},
		"scope":         {"openid email"},
	}.Encode()
}

// complaint is what IAP says for a reason.
func complaint(err error) string {
	if errors.Is(err, errNoEmail) {
		return "JWT 'email' claim isn't a string"
	}
	switch reasonOf(err) {
	case gate.Missing:
		return "empty token"
	case gate.Signature, gate.Algorithm, gate.KeysUnavailable:
		return "JWT signature is invalid"
	case gate.Audience:
		return "Invalid JWT audience."
	case gate.Issuer:
		return "Invalid JWT issuer."
	case gate.Expired, gate.NotYetValid:
		return "Invalid JWT lifetime."
	default:
		return "Unable to parse JWT"
	}
}

func reasonOf(err error) gate.Reason {
	if refusal, ok := errors.AsType[*gate.Error](err); ok {
		return refusal.Reason
	}
	return gate.Malformed
}

// answer is one line of text that says it is HTML, as IAP's own answers are.
func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("X-Goog-Iap-Generated-Response", "true")
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}
