package frontdoor

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"time"

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

// Authenticator knows a caller by an access token.
type Authenticator interface {
	Authenticate(bearer string) (iam.Principal, error)
}

// managedClient stands for a client that nobody can name.
const managedClient = "the OAuth client that Google manages"

// IAP is the front door of one application behind Identity-Aware Proxy.
type IAP struct {
	// ClientIDs are the OAuth clients whose ids ID tokens may have as audience:
	// the application's own first. There are none where Google manages the client:
	// then no ID token is taken.
	ClientIDs []string
	// AccessTokens knows the holders of access tokens, which are taken where they
	// have the scopes openid and email; nil takes none.
	AccessTokens Authenticator
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
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// App answers the requests that are let in.
	App http.Handler
}

// Handler checks the settings and opens the door.
func (i IAP) Handler(ctx context.Context) (http.Handler, error) {
	if len(i.ClientIDs) == 0 {
		i.ClientIDs = []string{managedClient}
	}
	g, err := gate.New(ctx, gate.Policy{Audiences: i.ClientIDs, Keys: i.IDTokenKeys, Now: i.Now})
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
		answer(w, http.StatusForbidden, fmt.Sprintf("You don't have access: %s lacks permission to access this application.", html.EscapeString(caller.Email)))
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
