package apps

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/authcall/authcall/gate"
)

// caller tells who called, by what the front door has put into the headers. The
// door has verified it; the application gets no signature to verify.
func caller(h http.Header) string {
	if email, ok := strings.CutPrefix(h.Get("X-Goog-Authenticated-User-Email"), "accounts.google.com:"); ok {
		return email
	}
	for _, name := range []string{"X-Apigateway-Api-Userinfo", "X-Endpoint-Api-Userinfo"} {
		if claims, err := base64.RawURLEncoding.DecodeString(h.Get(name)); err == nil && len(claims) > 0 {
			return named(func(into any) error { return json.Unmarshal(claims, into) })
		}
	}
	for _, name := range []string{"X-Serverless-Authorization", "Authorization"} {
		if token, err := gate.Bearer(h, name); err == nil {
			return holder(token)
		}
	}
	return ""
}

func holder(token string) string {
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return ""
	}
	return named(func(into any) error { return parsed.UnsafeClaimsWithoutVerification(into) })
}

// named is the holder's email among claims, or else its id.
func named(decode func(into any) error) string {
	var claims struct {
		Subject string `json:"sub"`
		Email   string `json:"email"`
	}
	if err := decode(&claims); err != nil {
		return ""
	}
	if claims.Email != "" {
		return claims.Email
	}
	return claims.Subject
}
