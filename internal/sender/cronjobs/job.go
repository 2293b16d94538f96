package cronjobs

import (
	"net/http"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/authcall/authcall/internal/sender"
)

// Kind compares jobs.
func Kind() sender.Kind[*schedulerpb.Job] {
	const deep = 8
	return sender.Kind[*schedulerpb.Job]{Noun: "job", Normal: normal, MaskDepth: deep}
}

// CallOf is the call that a job makes.
func CallOf(job *schedulerpb.Job) sender.Call {
	target := job.GetHttpTarget()
	call := sender.Call{URL: target.GetUri(), Headers: target.GetHeaders(), Body: target.GetBody()}
	if m := target.GetHttpMethod(); m != schedulerpb.HttpMethod_HTTP_METHOD_UNSPECIFIED {
		call.Method = m.String()
	}
	if t := target.GetOidcToken(); t != nil {
		call.Token = sender.Token{ServiceAccount: t.GetServiceAccountEmail(), Audience: t.GetAudience()}
	}
	if t := target.GetOauthToken(); t != nil {
		call.Token = sender.Token{ServiceAccount: t.GetServiceAccountEmail(), Scope: t.GetScope()}
	}
	return call
}

func put(job *schedulerpb.Job, call sender.Call) {
	target := &schedulerpb.HttpTarget{
		Uri: call.URL, Headers: call.Headers, Body: call.Body,
		HttpMethod: schedulerpb.HttpMethod(schedulerpb.HttpMethod_value[call.Method]),
	}
	if call.Method == "" {
		target.HttpMethod = schedulerpb.HttpMethod_POST
	}
	if token := call.Token; token.Scope != "" {
		target.AuthorizationHeader = &schedulerpb.HttpTarget_OauthToken{OauthToken: &schedulerpb.OAuthToken{
			ServiceAccountEmail: token.ServiceAccount, Scope: token.Scope,
		}}
	} else {
		target.AuthorizationHeader = &schedulerpb.HttpTarget_OidcToken{OidcToken: &schedulerpb.OidcToken{
			ServiceAccountEmail: token.ServiceAccount, Audience: token.Audience,
		}}
	}
	job.Target = &schedulerpb.Job_HttpTarget{HttpTarget: target}
}

// What Cloud Scheduler takes for granted.
const (
	defaultZone     = "Etc/UTC"
	defaultDeadline = 3 * time.Minute
)

func defaultRetry() *schedulerpb.RetryConfig {
	const minimum, maximum, doublings = 5 * time.Second, time.Hour, 5
	return &schedulerpb.RetryConfig{
		MinBackoffDuration: durationpb.New(minimum), MaxBackoffDuration: durationpb.New(maximum), MaxDoublings: doublings,
	}
}

// normal fills in what Cloud Scheduler takes for granted, and takes away what it
// adds to the headers.
func normal(job *schedulerpb.Job) {
	job.UserUpdateTime, job.Status, job.ScheduleTime, job.LastAttemptTime, job.State = nil, nil, nil, nil, 0
	if job.GetTimeZone() == "" || job.GetTimeZone() == "UTC" {
		job.TimeZone = defaultZone
	}
	if job.GetAttemptDeadline() == nil {
		job.AttemptDeadline = durationpb.New(defaultDeadline)
	}
	normalRetry(job)
	target := job.GetHttpTarget()
	if target == nil {
		return
	}
	if target.GetHttpMethod() == schedulerpb.HttpMethod_HTTP_METHOD_UNSPECIFIED {
		target.HttpMethod = schedulerpb.HttpMethod_POST
	}
	headers := map[string]string{}
	for name, value := range target.GetHeaders() {
		if name = http.CanonicalHeaderKey(name); value != addedByScheduler(name) {
			headers[name] = value
		}
	}
	target.Headers = headers
}

func normalRetry(job *schedulerpb.Job) {
	defaults := defaultRetry()
	if job.GetRetryConfig() == nil {
		job.RetryConfig = defaults
	}
	r := job.GetRetryConfig()
	if r.GetMinBackoffDuration() == nil {
		r.MinBackoffDuration = defaults.GetMinBackoffDuration()
	}
	if r.GetMaxBackoffDuration() == nil {
		r.MaxBackoffDuration = defaults.GetMaxBackoffDuration()
	}
	if r.GetMaxRetryDuration().AsDuration() == 0 {
		r.MaxRetryDuration = nil
	}
}

// addedByScheduler is what Cloud Scheduler puts into a header of its own accord.
func addedByScheduler(header string) string {
	switch header {
	case "User-Agent":
		return "Google-Cloud-Scheduler"
	case "Content-Type":
		return "application/octet-stream"
	default:
		return ""
	}
}
