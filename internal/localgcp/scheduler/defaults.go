package scheduler

import (
	"cmp"
	"strings"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/authcall/authcall/internal/localgcp/iam"
)

// Defaults of Cloud Scheduler.
const (
	defaultZone       = "UTC"
	defaultDeadline   = 3 * time.Minute
	defaultMinBackoff = 5 * time.Second
	defaultMaxBackoff = time.Hour
	defaultDoublings  = 5

	userAgent   = "Google-Cloud-Scheduler"
	contentType = "application/octet-stream"
)

// fill sets what the caller left out, as the answers of Cloud Scheduler show it.
func fill(job *schedulerpb.Job) {
	job.TimeZone = cmp.Or(job.GetTimeZone(), defaultZone)
	if job.GetRetryConfig() == nil {
		job.RetryConfig = &schedulerpb.RetryConfig{}
	}
	r := job.GetRetryConfig()
	r.MinBackoffDuration = orDuration(r.GetMinBackoffDuration(), defaultMinBackoff)
	r.MaxBackoffDuration = orDuration(r.GetMaxBackoffDuration(), defaultMaxBackoff)
	r.MaxRetryDuration = orDuration(r.GetMaxRetryDuration(), 0)
	r.MaxDoublings = cmp.Or(r.GetMaxDoublings(), defaultDoublings)
	if target := job.GetHttpTarget(); target != nil {
		job.AttemptDeadline = orDuration(job.GetAttemptDeadline(), defaultDeadline)
		fillHTTP(target)
	}
}

func orDuration(d *durationpb.Duration, otherwise time.Duration) *durationpb.Duration {
	if d == nil || d.GetSeconds() == 0 && d.GetNanos() == 0 {
		return durationpb.New(otherwise)
	}
	return d
}

func fillHTTP(target *schedulerpb.HttpTarget) {
	target.HttpMethod = cmp.Or(target.GetHttpMethod(), schedulerpb.HttpMethod_POST)
	if oidc := target.GetOidcToken(); oidc != nil {
		oidc.Audience = cmp.Or(oidc.GetAudience(), target.GetUri())
	}
	if oauth := target.GetOauthToken(); oauth != nil {
		oauth.Scope = cmp.Or(oauth.GetScope(), iam.CloudPlatform)
	}
	headers := map[string]string{"User-Agent": userAgent}
	if len(target.GetBody()) > 0 {
		headers["Content-Type"] = contentType
	}
	for name, value := range target.GetHeaders() {
		if strings.EqualFold(name, "Content-Type") {
			delete(headers, "Content-Type")
		}
		if !isOurs(name) {
			headers[name] = value
		}
	}
	target.Headers = headers
}

// isOurs says whether a header is one that the sender sets or keeps for itself, so
// that a job's own is ignored.
func isOurs(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "host", "content-length", "user-agent", "connection", "transfer-encoding", "upgrade", "te", "trailer", "keep-alive", "proxy-connection":
		return true
	}
	for _, prefix := range []string{"x-google-", "x-appengine-", "x-cloudscheduler"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
