package tokeninfo

import (
	"fmt"
	"net/url"
	"strings"
)

// acceptors tells who takes a valid token of a kind, and what its holder needs
// there. Empty means that nobody is known to.
func acceptors(k Kind, c claims) []string {
	var who []string
	for _, audience := range c.Audience {
		switch k {
		case IDToken:
			who = append(who, idTokenAcceptor(audience))
		case IAPAssertion:
			who = append(who, "the application that IAP knows as "+audience+", which verifies it as gate.IAPPolicy does")
		case SelfSigned:
			who = append(who, "IAP in front of "+audience+", if the account has roles/iap.httpsResourceAccessor")
		case Foreign:
			who = append(who, "whoever trusts the issuer "+c.Issuer+" and expects the audience "+audience)
		}
	}
	return who
}

func idTokenAcceptor(audience string) string {
	u, err := url.Parse(audience)
	if err != nil {
		u = &url.URL{}
	}
	host := u.Hostname()
	switch {
	case strings.HasSuffix(audience, ".apps.googleusercontent.com"):
		return "IAP whose OAuth client is " + audience + ", or that lists it for programmatic access, if the account has roles/iap.httpsResourceAccessor"
	case strings.HasSuffix(host, ".run.app"):
		return "the Cloud Run service at " + u.Scheme + "://" + host + ", if the account has roles/run.invoker on it"
	case strings.HasSuffix(host, ".cloudfunctions.net"):
		return "the function at " + audience + ", if the account has roles/run.invoker on it (first generation: roles/cloudfunctions.invoker)"
	case strings.Contains(audience, "iam.googleapis.com/"):
		return "Google's token exchange for workload identity federation"
	default:
		return "whatever is set up for the audience " + audience + ": a Cloud Run service with it as a custom audience, Envoy, Istio, Cloud Endpoints, API Gateway, or a service behind a gate of its own"
	}
}

// warnings are what makes a service refuse a token that is otherwise good.
func warnings(k Kind, c claims) []string {
	var all []string
	if k != IDToken {
		return all
	}
	for _, audience := range c.Audience {
		u, err := url.Parse(audience)
		if err == nil && strings.HasSuffix(u.Hostname(), ".run.app") && (u.Path != "" || u.RawQuery != "" || u.Port() != "") {
			all = append(all, fmt.Sprintf("Cloud Run takes the audience %s://%s alone, without path or port, unless %s is a custom audience of the service", u.Scheme, u.Hostname(), audience))
		}
		if strings.HasSuffix(audience, ".apps.googleusercontent.com") && c.Email == "" {
			all = append(all, "IAP refuses a token without an email claim: have it made with includeEmail")
		}
	}
	return all
}
