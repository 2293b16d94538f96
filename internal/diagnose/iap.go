package diagnose

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/authcall/authcall/internal/auth"
	"github.com/authcall/authcall/internal/exitcode"
)

// isSignIn knows a redirect to Google's sign-in page, by which IAP answers who
// sent no credential that it takes.
func isSignIn(r refused) bool {
	if r.answer.Status < 300 || r.answer.Status > 399 {
		return false
	}
	location, err := url.Parse(r.answer.Header.Get("Location"))
	return err == nil && location.Hostname() == "accounts.google.com"
}

func explainSignIn(r refused) Finding {
	return Finding{
		Cause: r.said("redirected to Google's sign-in page: Identity-Aware Proxy (IAP) stands in front and did not take the credential" + r.audience()),
		Cure:  r.iapCure(),
		Code:  exitcode.Identity,
	}
}

// isIAP knows an answer that IAP made itself, of the given status or any.
func isIAP(status int) func(refused) bool {
	return func(r refused) bool {
		return r.answer.Header.Get("X-Goog-Iap-Generated-Response") == "true" && (status == 0 || r.answer.Status == status)
	}
}

func explainIAPForbidden(r refused) Finding {
	return Finding{
		Cause: r.said("Identity-Aware Proxy knows the caller but does not let it in: " + excerpt(r.head)),
		Cure:  "gcloud iap web add-iam-policy-binding --member=" + member(r.caller.CalledAs) + " --role=roles/iap.httpsResourceAccessor --resource-type=RESOURCE_TYPE --service=SERVICE",
		Code:  exitcode.Identity,
	}
}

func explainIAP(r refused) Finding {
	return Finding{
		Cause: r.said("Identity-Aware Proxy: " + excerpt(r.head) + r.audience() + r.skew()),
		Cure:  r.iapCure(),
		Code:  exitcode.Identity,
	}
}

func (r refused) audience() string {
	if r.caller.Audience == "" {
		return ""
	}
	return " (audience sent: " + r.caller.Audience + ")"
}

func (r refused) iapCure() string {
	c := r.caller
	switch {
	case r.skew() != "":
		return "set this machine's clock: a token's times are of no use on another"
	case c.Kind == auth.IAPJWT:
		return "check that the account still exists and that url is the one that IAP guards"
	case strings.HasSuffix(c.Audience, ".apps.googleusercontent.com"):
		return "list this client id in IAP's programmaticClients (gcloud iap settings set), or set auth to iap-jwt, which needs no client id"
	}
	return "set audience to IAP's OAuth client id (…apps.googleusercontent.com), or set auth to iap-jwt, which needs none"
}

// isBearer knows an app or a gateway that asks for another bearer token.
func isBearer(status int) func(refused) bool {
	return func(r refused) bool {
		return r.answer.Status == status && strings.HasPrefix(strings.ToLower(r.answer.Header.Get("Www-Authenticate")), "bearer")
	}
}

func explainBearer(r refused) Finding {
	if r.caller.Kind == auth.None {
		return Finding{Cause: r.said("the service asks for a token, and none was sent: " + excerpt(r.head)), Cure: "set auth to auto", Code: exitcode.Identity}
	}
	return Finding{
		Cause: r.said("the service did not take the token" + r.audience() + ": " + excerpt(r.head)),
		Cure:  "set audience to what the service expects in the aud claim",
		Code:  exitcode.Identity,
	}
}

// isGoogle knows the HTML that Google's front end answers before any app sees
// the request.
func isGoogle(status int) func(refused) bool {
	return func(r refused) bool {
		return r.answer.Status == status && strings.HasPrefix(r.answer.Header.Get("Content-Type"), "text/html") && looksGoogle(status, r.head)
	}
}

func looksGoogle(status int, head []byte) bool {
	text := string(head)
	switch status {
	case http.StatusNotFound:
		return strings.Contains(text, "was not found on this server")
	default:
		return strings.Contains(text, "does not have permission to")
	}
}
