package diagnose

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/authcall/authcall/internal/auth"
	"github.com/authcall/authcall/internal/exitcode"
)

// explainUnauthorized is Cloud Run's 401: a token came that is not a good ID
// token for this service.
func explainUnauthorized(r refused) Finding {
	origin := auth.Audience(auth.IDToken, r.answer.URL)
	f := Finding{Code: exitcode.Identity}
	switch c := r.caller; {
	case c.Kind == auth.AccessToken:
		f.Cause = r.said("Cloud Run takes ID tokens, and an access token was sent")
		f.Cure = "set auth to id-token"
	case c.Audience != origin:
		f.Cause = r.said(fmt.Sprintf("Cloud Run could not verify the token: its audience is %s, the service's URL is %s", c.Audience, origin))
		f.Cure = fmt.Sprintf("leave audience empty or set it to %s, or add it to the service: gcloud run services update %s --add-custom-audiences=%s", origin, service(r.answer.URL), c.Audience)
	default:
		f.Cause = r.said("Cloud Run could not verify the token (audience " + c.Audience + ")" + r.skew())
		f.Cure = "behind a custom domain, set audience to the service's run.app URL; after a change of the service, wait some minutes"
	}
	return f
}

// explainForbidden is Cloud Run's 403: nobody, or somebody without the right.
func explainForbidden(r refused) Finding {
	if r.caller.Kind == auth.None {
		return Finding{
			Cause: r.said("the service is private and no credential was sent"),
			Cure:  "set auth to auto",
			Code:  exitcode.Identity,
		}
	}
	return Finding{
		Cause: r.said("the token is good, but the account may not invoke the service (a new binding takes up to 7 minutes to act)"),
		Cure:  letIn(r.answer.URL, member(r.caller.CalledAs)),
		Code:  exitcode.Identity,
	}
}

// letIn is the command that lets a member invoke what is at a URL. A function
// under its own name has a command that knows both generations.
func letIn(u *url.URL, who string) string {
	if m := regexp.MustCompile(functionHost).FindStringSubmatch(u.Hostname()); m != nil {
		function, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
		return fmt.Sprintf("gcloud functions add-invoker-policy-binding %s --region=%s --project=%s --member=%s", function, m[1], m[2], who)
	}
	return fmt.Sprintf("gcloud run services add-iam-policy-binding %s --member=%s --role=roles/run.invoker", service(u), who)
}

// explainHidden is the front end's 404: the request never reached an app.
func explainHidden(r refused) Finding {
	return Finding{
		Cause: r.said("Google's front end knows no such service from here: its ingress is internal, a VPC Service Controls perimeter hides it, or the name is wrong"),
		Cure:  fmt.Sprintf("gcloud run services describe %s --format='value(metadata.annotations)' shows run.googleapis.com/ingress", service(r.answer.URL)),
		Code:  exitcode.Failed,
	}
}

// Cloud Run's two forms of a service's host name, and that of functions: region
// and project.
const (
	functionHost      = `^([a-z]+-[a-z]+\d+)-(.+)\.cloudfunctions\.net$`
	deterministicHost = `^(.+)-\d+\.([a-z0-9-]+)\.run\.app$`
	hashedHost        = `^(?:.+---)?(.+)-[a-z0-9]{10}-[a-z]{2}\.a\.run\.app$`
)

// service is a Cloud Run service as gcloud's commands name it, read out of its
// URL as far as that tells.
func service(u *url.URL) string {
	host := u.Hostname()
	if m := regexp.MustCompile(deterministicHost).FindStringSubmatch(host); m != nil {
		return tagless(m[1]) + " --region=" + m[2]
	}
	if m := regexp.MustCompile(hashedHost).FindStringSubmatch(host); m != nil {
		return tagless(m[1]) + " --region=REGION"
	}
	return "SERVICE --region=REGION"
}

// tagless drops the traffic tag in front of a service's name.
func tagless(name string) string {
	if _, rest, found := strings.Cut(name, "---"); found {
		return rest
	}
	return name
}
