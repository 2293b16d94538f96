package scheduler

import (
	"net/url"
	"regexp"
	"strings"
	"sync"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"golang.org/x/net/http/httpguts"

	"github.com/authcall/authcall/internal/localgcp/delivery"
)

// Limits of HTTP targets.
const (
	maxURL     = 2083
	maxHeaders = 80 << 10 // bytes
)

func checkHTTP(target *schedulerpb.HttpTarget) error {
	u, err := checkURL(target.GetUri())
	if err != nil {
		return err
	}
	if len(target.GetBody()) > 0 && !takesBody(target.GetHttpMethod()) {
		return invalid("job.http_target.body", "A body is allowed only where the HTTP method is POST, PUT or PATCH.")
	}
	if _, known := schedulerpb.HttpMethod_name[int32(target.GetHttpMethod())]; !known {
		return invalid("job.http_target.http_method", "The HTTP method %d is unknown.", target.GetHttpMethod())
	}
	if err := checkHeaders(target.GetHeaders()); err != nil {
		return err
	}
	return checkToken(target, u)
}

func checkURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, invalid("job.http_target.uri", `The URI must be a full URL that begins with "http://" or "https://".`)
	}
	if u.User != nil {
		return nil, invalid("job.http_target.uri", "The URI must hold no user name and no password.")
	}
	if len(u.String()) > maxURL {
		return nil, invalid("job.http_target.uri", "The URI must not be longer than %d characters.", maxURL)
	}
	return u, nil
}

func takesBody(m schedulerpb.HttpMethod) bool {
	switch m {
	case schedulerpb.HttpMethod_HTTP_METHOD_UNSPECIFIED, schedulerpb.HttpMethod_POST, schedulerpb.HttpMethod_PUT, schedulerpb.HttpMethod_PATCH:
		return true
	}
	return false
}

func checkHeaders(headers map[string]string) error {
	size := 0
	for name, value := range headers {
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return invalid("job.http_target.headers", "The header %q is no valid HTTP header.", name)
		}
		size += len(name) + len(value)
	}
	if size >= maxHeaders {
		return invalid("job.http_target.headers", "The headers must be smaller than %d bytes together.", maxHeaders)
	}
	return nil
}

func checkToken(target *schedulerpb.HttpTarget, u *url.URL) error {
	switch token := target.GetAuthorizationHeader().(type) {
	case *schedulerpb.HttpTarget_OauthToken:
		if u.Scheme != "https" || !delivery.IsGoogleAPI(u.Hostname()) {
			return invalid("job.http_target.oauth_token", "An OAuth token may be sent to https://*.googleapis.com only: use oidc_token for another host.")
		}
		return checkAccount("job.http_target.oauth_token", token.OauthToken.GetServiceAccountEmail())
	case *schedulerpb.HttpTarget_OidcToken:
		return checkAccount("job.http_target.oidc_token", token.OidcToken.GetServiceAccountEmail())
	}
	return nil
}

func checkAccount(field, email string) error {
	if !strings.Contains(email, "@") {
		return invalid(field+".service_account_email", "The email of a service account is missing, or %q is none.", email)
	}
	return nil
}

var topicPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^projects/([^/]+)/topics/[A-Za-z][-A-Za-z0-9._~+%]{2,254}$`)
})

// checkTopic wants a topic of the job's own project.
func checkTopic(job string, target *schedulerpb.PubsubTarget) error {
	m := topicPattern().FindStringSubmatch(target.GetTopicName())
	if m == nil {
		return invalid("job.pubsub_target.topic_name", `The topic name must be formatted: "projects/<PROJECT_ID>/topics/<TOPIC_ID>".`)
	}
	if in, err := parseName(job); err != nil || in.project != m[1] {
		return invalid("job.pubsub_target.topic_name", "The topic must be in the same project as the job.")
	}
	if len(target.GetData()) == 0 && len(target.GetAttributes()) == 0 {
		return invalid("job.pubsub_target", "The message must hold data or at least one attribute.")
	}
	return nil
}
