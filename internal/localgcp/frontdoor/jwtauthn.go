package frontdoor

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/authcall/authcall/gate"
)

// JWTAuthn is Envoy's filter of that name in front of an application, as Envoy
// itself, Istio, API Gateway and Endpoints have it.
type JWTAuthn struct {
	// Audiences are those that tokens may have.
	Audiences []string
	// Emails are the callers that the role-based access control after the filter
	// lets through; empty lets every good token through.
	Emails []string
	// AllowMissing leaves requests without a token to the access control, as
	// Istio does.
	AllowMissing bool
	// JSON answers as API Gateway and Endpoints do.
	JSON bool
	// UserInfo is the header that tells the application the claims; empty tells
	// them not.
	UserInfo string
	// Own makes the gateway's own Authorization for the application, whose
	// caller's is then in X-Forwarded-Authorization; nil leaves that where it is.
	Own func() (token string, err error)
	// Keys verifies ID tokens.
	Keys gate.KeySet
	// HasKey says whether a key of the id is among those; nil says so of all.
	HasKey func(id string) bool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// App answers the requests that are let in.
	App http.Handler
}

const forwardedAuthorization = "X-Forwarded-Authorization"

// Handler checks the settings and opens the door.
func (j JWTAuthn) Handler(ctx context.Context) (http.Handler, error) {
	if j.Now == nil {
		j.Now = time.Now
	}
	if _, err := gate.New(ctx, j.policy(j.Now)); err != nil {
		return nil, err
	}
	return &jwtDoor{j}, nil
}

func (j JWTAuthn) policy(now func() time.Time) gate.Policy {
	return gate.Policy{Audiences: j.Audiences, Issuers: []string{google}, Keys: j.Keys, Now: now}
}

// google is the one issuer that gateways are told to trust.
const google = "https://accounts.google.com"

type jwtDoor struct{ JWTAuthn }

func (d *jwtDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token, ok := bearerToken(r.Header, authorization)
	if !ok && d.AllowMissing {
		d.deny(w, accessDenied)
		return
	}
	if !ok {
		d.refuse(w, r, gate.Missing)
		return
	}
	claims, err := d.verify(r.Context(), token)
	if err != nil {
		d.refuse(w, r, reasonOf(err))
		return
	}
	if len(d.Emails) > 0 && !slices.Contains(d.Emails, claims.Email) {
		d.deny(w, accessDenied)
		return
	}
	r, err = d.introduce(r, claims, token)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	d.App.ServeHTTP(w, r)
}

// verify looks at the issuer before the signature, and not at the time of issue.
func (d *jwtDoor) verify(ctx context.Context, token string) (*gate.Claims, error) {
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.HS256, jose.HS384, jose.HS512})
	if err != nil {
		return nil, &gate.Error{Reason: gate.Malformed}
	}
	var claims jwt.Claims
	if err := parsed.UnsafeClaimsWithoutVerification(&claims); err != nil {
		return nil, &gate.Error{Reason: gate.Malformed}
	}
	if claims.Issuer != google {
		return nil, &gate.Error{Reason: gate.Issuer}
	}
	header := parsed.Headers[0]
	if header.Algorithm != string(jose.RS256) || d.HasKey != nil && !d.HasKey(header.KeyID) {
		return nil, &gate.Error{Reason: unknownKey}
	}
	now := d.Now()
	if issued := claims.IssuedAt.Time(); claims.IssuedAt != nil && issued.After(now) {
		now = issued
	}
	g, err := gate.New(ctx, d.policy(func() time.Time { return now }))
	if err != nil {
		return nil, err
	}
	return g.Verify(ctx, token)
}

// unknownKey is a reason of Envoy's own: the token names a key that the issuer has
// not published.
const unknownKey gate.Reason = "unknown key"

// introduce tells the application who calls, in the way of the gateway.
func (d *jwtDoor) introduce(r *http.Request, claims *gate.Claims, token string) (*http.Request, error) {
	r = r.Clone(r.Context())
	if d.UserInfo != "" {
		var payload any
		if err := claims.Decode(&payload); err != nil {
			return nil, err
		}
		r.Header.Set(d.UserInfo, base64.RawURLEncoding.EncodeToString(compact(payload)))
	}
	if d.Own == nil {
		return r, nil
	}
	own, err := d.Own()
	r.Header.Set(forwardedAuthorization, "Bearer "+token)
	r.Header.Set(authorization, "Bearer "+own)
	return r, err
}

// refuse answers as the filter does. Envoy names the URL that was asked for as the
// realm.
func (d *jwtDoor) refuse(w http.ResponseWriter, r *http.Request, reason gate.Reason) {
	challenge := fmt.Sprintf(`Bearer realm="http://%s%s"`, r.Host, r.URL.RequestURI())
	if reason != gate.Missing {
		challenge += `, error="invalid_token"`
	}
	w.Header().Set("WWW-Authenticate", challenge)
	d.deny(w, denialOf(reason))
}

func (d *jwtDoor) deny(w http.ResponseWriter, no denial) {
	body, kind := []byte(no.text), "text/plain"
	if d.JSON {
		body, kind = compact(map[string]any{"code": no.status, "message": no.text}), "application/json"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Server", "envoy")
	w.WriteHeader(no.status)
	_, _ = w.Write(body)
}

// denial is an answer of Envoy's own.
type denial struct {
	status int
	text   string
}

// accessDenied is that of the access control.
var accessDenied = denial{http.StatusForbidden, "RBAC: access denied"}

// denialOf is the filter's answer for a reason.
func denialOf(reason gate.Reason) denial {
	switch reason {
	case gate.Audience:
		return denial{http.StatusForbidden, "Audiences in Jwt are not allowed"}
	case gate.Missing:
		return denial{http.StatusUnauthorized, "Jwt is missing"}
	case gate.Expired:
		return denial{http.StatusUnauthorized, "Jwt is expired"}
	case gate.NotYetValid:
		return denial{http.StatusUnauthorized, "Jwt not yet valid"}
	case gate.Issuer:
		return denial{http.StatusUnauthorized, "Jwt issuer is not configured"}
	case unknownKey:
		return denial{http.StatusUnauthorized, "Jwks doesn't have key to match kid or alg from Jwt"}
	case gate.Signature:
		return denial{http.StatusUnauthorized, "Jwt verification fails"}
	case gate.KeysUnavailable:
		return denial{http.StatusUnauthorized, "Jwks remote fetch is failed"}
	default:
		return denial{http.StatusUnauthorized, "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections"}
	}
}
