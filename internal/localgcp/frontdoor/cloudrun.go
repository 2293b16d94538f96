package frontdoor

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

const serverlessAuthorization = "X-Serverless-Authorization"

// CloudRun is the front door of one Cloud Run service, or of a function.
type CloudRun struct {
	// Audiences are the service's URL and its custom audiences.
	Audiences []string
	// Resource is the service's name, on which its invokers have their role.
	Resource string
	// Permission is what an invoker needs; empty means that of Cloud Run.
	Permission string
	// Unsettled is how many good requests are refused at first, as while a new
	// policy spreads.
	Unsettled int
	// Hidden answers every request as the edge does for a service whose ingress
	// settings keep the caller out.
	Hidden bool
	// Keys verifies ID tokens.
	Keys gate.KeySet
	// Directory holds the invoker policy.
	Directory Directory
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// App answers the requests that are let in.
	App http.Handler
}

// Handler checks the settings and opens the door.
func (c CloudRun) Handler(ctx context.Context) (http.Handler, error) {
	c.Permission = cmp.Or(c.Permission, iam.InvokeRun)
	g, err := gate.New(ctx, gate.Policy{Audiences: c.Audiences, Keys: c.Keys, Now: c.Now})
	if err != nil {
		return nil, err
	}
	return &cloudRunDoor{CloudRun: c, gate: g}, nil
}

type cloudRunDoor struct {
	CloudRun
	gate     *gate.Gate
	admitted atomic.Int64
}

func (d *cloudRunDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case d.Hidden:
		writePage(w, notFound, r.URL.Path)
	case d.Directory.Allowed(iam.Principal{}, d.Permission, d.Resource):
		d.App.ServeHTTP(w, r) // a public service looks at no token
	default:
		d.serveInvoker(w, r)
	}
}

// serveInvoker looks at X-Serverless-Authorization alone where there is one, so
// that Authorization is left to the application.
func (d *cloudRunDoor) serveInvoker(w http.ResponseWriter, r *http.Request) {
	header := authorization
	if r.Header.Get(serverlessAuthorization) != "" {
		header = serverlessAuthorization
	}
	token, ok := bearerToken(r.Header, header)
	if !ok {
		writePage(w, forbidden, r.URL.Path)
		return
	}
	claims, err := d.gate.Verify(r.Context(), token)
	if err != nil {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token" error_description="The access token could not be verified"`)
		writePage(w, unauthorized, r.URL.Path)
		return
	}
	caller, _ := d.Directory.Lookup(claims.Subject)
	if !d.Directory.Allowed(caller, d.Permission, d.Resource) || d.admitted.Add(1) <= int64(d.Unsettled) {
		writePage(w, forbidden, r.URL.Path)
		return
	}
	r = r.Clone(r.Context())
	r.Header.Set(header, "Bearer "+withoutSignature(token))
	d.App.ServeHTTP(w, r)
}

// withoutSignature is how the application gets the token: it can read it, but
// not pass it on.
func withoutSignature(token string) string {
	return token[:strings.LastIndexByte(token, '.')] + ".SIGNATURE_REMOVED_BY_GOOGLE"
}
