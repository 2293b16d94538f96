package diagnose

import (
	"bytes"
	"strings"

	"github.com/authcall/authcall/internal/exitcode"
)

// gateText is what Envoy's JWT filter says, also as Istio, API Gateway and
// Endpoints, which wrap it in JSON.
type gateText struct {
	says, means, cure string
}

func gateTexts() []gateText {
	const keys = "have the gateway check tokens with issuer https://accounts.google.com and the keys at https://www.googleapis.com/oauth2/v3/certs"
	return []gateText{
		{"Jwt is missing", "the gateway found no token where it looks for one", "set auth to auto, and auth_header to the header that the gateway reads"},
		{"Jwt is expired", "the gateway holds the token for expired", "check this machine's clock and the gateway's"},
		{"Jwt not yet valid", "the gateway holds the token for not yet valid", "check this machine's clock and the gateway's"},
		{"Jwt issuer is not configured", "the gateway does not know the token's issuer", keys},
		{"Audiences in Jwt are not allowed", "the gateway does not take the token's audience", "set audience to one of those that the gateway lists (x-google-audiences, audiences)"},
		{"Jwt verification fails", "the gateway's keys do not fit the token", keys},
		{"Jwks doesn't have key to match kid or alg from Jwt", "the gateway's keys do not fit the token", keys},
		{"Jwks remote fetch is failed", "the gateway could not fetch the issuer's keys", keys},
		{"Jwt is not in the form of Header.Payload.Signature", "the gateway takes JWTs, and something else was sent", "set auth to id-token"},
		{"RBAC: access denied", "the gateway knows the caller but does not let it in", "let the caller in by the gateway's authorization policy (Istio: AuthorizationPolicy with its requestPrincipals)"},
	}
}

func (r refused) gateText() (gateText, bool) {
	if r.answer.Status != 401 && r.answer.Status != 403 {
		return gateText{}, false
	}
	for _, known := range gateTexts() {
		if bytes.Contains(r.head, []byte(known.says)) {
			return known, true
		}
	}
	return gateText{}, false
}

// isGateway knows an answer of a gateway in front of an app.
func isGateway(r refused) bool {
	_, known := r.gateText()
	return known
}

func explainGateway(r refused) Finding {
	text, _ := r.gateText()
	return Finding{Cause: r.said(text.means + ": " + strings.TrimSuffix(excerpt(r.head), ".") + r.audience() + r.skew()), Cure: text.cure, Code: exitcode.Identity}
}
