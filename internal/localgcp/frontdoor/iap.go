package frontdoor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

const proxyAuthorization = "Proxy-Authorization"

// Headers that IAP alone may set for the application.
const (
	assertionHeader = "X-Goog-Iap-Jwt-Assertion"
	emailHeader     = "X-Goog-Authenticated-User-Email"
	idHeader        = "X-Goog-Authenticated-User-Id"
)

// Signer is what IAP needs of the issuer.
type Signer interface {
	IAPAssertion(subject, email, audience string) (string, error)
}

// IAP is the front door of one application behind Identity-Aware Proxy.
type IAP struct {
	// ClientIDs are the OAuth clients whose ids ID tokens may have as audience:
	// the application's own first.
	ClientIDs []string
	// URL is the application's origin, of which the audiences of JWTs that
	// service accounts sign are made.
	URL string
	// Resource is the application's name, on which its accessors have their
	// role.
	Resource string
	// AssertionAudience is the audience of what the application is told.
	AssertionAudience string
	// IDTokenKeys verifies ID tokens.
	IDTokenKeys gate.KeySet
	// AccountKeys verifies what a service account has signed.
	AccountKeys func(email string) gate.KeySet
	// Signer signs what the application is told.
	Signer Signer
	// Directory holds the accessor policy.
	Directory Directory
	// App answers the requests that are let in.
	App http.Handler
}

// Handler checks the settings and opens the door.
func (i IAP) Handler(ctx context.Context) (http.Handler, error) {
	g, err := gate.New(ctx, gate.Policy{Audiences: i.ClientIDs, Keys: i.IDTokenKeys})
	if err != nil {
		return nil, err
	}
	return &iapDoor{IAP: i, idTokens: g}, nil
}

type iapDoor struct {
	IAP
	idTokens *gate.Gate
}

func (d *iapDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = r.Clone(r.Context())
	for _, reserved := range []string{assertionHeader, emailHeader, idHeader} {
		r.Header.Del(reserved)
	}
	caller, err := d.authenticate(r)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	if !d.Directory.Allowed(caller, iam.AccessViaIAP, d.Resource) {
		answer(w, http.StatusForbidden, fmt.Sprintf("You don't have access: %s lacks permission to access this application.", caller.Email))
		return
	}
	assertion, err := d.Signer.IAPAssertion(caller.ID, caller.Email, d.AssertionAudience)
	if err != nil {
		answer(w, http.StatusInternalServerError, err.Error())
		return
	}
	r.Header.Set(assertionHeader, assertion)
	r.Header.Set(emailHeader, "accounts.google.com:"+caller.Email)
	r.Header.Set(idHeader, "accounts.google.com:"+caller.ID)
	d.App.ServeHTTP(w, r)
}

// authenticate tries Proxy-Authorization first, and leaves Authorization to the
// application where that is good. The header that it used is taken off.
func (d *iapDoor) authenticate(r *http.Request) (iam.Principal, error) {
	proxyToken, ok := bearerToken(r.Header, proxyAuthorization)
	r.Header.Del(proxyAuthorization)
	if ok {
		if caller, err := d.identify(r, proxyToken); err == nil {
			return caller, nil
		}
	}
	token, ok := bearerToken(r.Header, authorization)
	if !ok {
		return iam.Principal{}, &gate.Error{Reason: gate.Missing}
	}
	r.Header.Del(authorization)
	return d.identify(r, token)
}

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
	return "https://accounts.google.com/o/oauth2/v2/auth?" + url.Values{
		"client_id":     {d.ClientIDs[0]},
		"redirect_uri":  {"https://iap.googleapis.com/v1/oauth/clientIds/" + d.ClientIDs[0] + ":handleRedirect"},
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
