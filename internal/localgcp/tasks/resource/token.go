package resource

import (
	"net/url"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"

	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

// completeToken gives an access token the scope of all of Google Cloud's APIs where
// none is asked for. The audience of an ID token stays open: it is the URL that the
// task is sent to, which the queue may change until then.
func completeToken(r *cloudtaskspb.HttpRequest) error {
	if token := r.GetOidcToken(); token != nil && token.GetServiceAccountEmail() == "" {
		return invalid("OidcToken.serviceAccountEmail is required.")
	}
	token := r.GetOauthToken()
	if token == nil {
		return nil
	}
	if token.GetServiceAccountEmail() == "" {
		return invalid("OAuthToken.serviceAccountEmail is required.")
	}
	if u, err := url.Parse(r.GetUrl()); r.GetUrl() != "" && (err != nil || !TakesAccessTokens(u)) {
		return invalid("HttpRequest.oauthToken is only for Google APIs hosted on *.googleapis.com, not for %q: use an oidcToken.", r.GetUrl())
	}
	setDefault(&token.Scope, iam.CloudPlatform)
	return nil
}

// TakesAccessTokens says whether the URL is one of Google's APIs: an access token
// given to anybody else would let them act as its account.
func TakesAccessTokens(u *url.URL) bool {
	return u.Scheme == "https" && delivery.IsGoogleAPI(u.Hostname())
}

// Accounts are the service accounts that tokens are asked for.
func Accounts(oidc *cloudtaskspb.OidcToken, oauth *cloudtaskspb.OAuthToken) []string {
	var emails []string
	if oidc != nil {
		emails = append(emails, oidc.GetServiceAccountEmail())
	}
	if oauth != nil {
		emails = append(emails, oauth.GetServiceAccountEmail())
	}
	return emails
}
