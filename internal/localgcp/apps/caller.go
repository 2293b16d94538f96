package apps

import (
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
	var claims struct {
		Subject string `json:"sub"`
		Email   string `json:"email"`
	}
	if err := parsed.UnsafeClaimsWithoutVerification(&claims); err != nil {
		return ""
	}
	if claims.Email != "" {
		return claims.Email
	}
	return claims.Subject
}
