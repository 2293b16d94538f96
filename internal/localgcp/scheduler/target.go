package scheduler

import (
	"net/http"
	"path"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"

	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/scheduler/cron"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

// request is what a job sends to its HTTP target.
func request(job *schedulerpb.Job, target *schedulerpb.HttpTarget, e execution, number int) delivery.Request {
	header := http.Header{}
	for name, value := range target.GetHeaders() {
		if !isOurs(name) {
			header.Set(name, value)
		}
	}
	header.Set("X-CloudScheduler", "true")
	header.Set("X-CloudScheduler-JobName", path.Base(job.GetName()))
	header.Set("X-CloudScheduler-ScheduleTime", inZone(e.scheduled, job.GetTimeZone()).Format(time.RFC3339))
	return delivery.Request{
		Method:    target.GetHttpMethod().String(),
		URL:       target.GetUri(),
		Header:    header,
		Body:      target.GetBody(),
		Token:     token(target),
		Deadline:  job.GetAttemptDeadline().AsDuration(),
		UserAgent: userAgent,
		Attempt:   number,
	}
}

// inZone shows a time as the job's zone does.
func inZone(at time.Time, zone string) time.Time {
	location, err := cron.Zone(zone)
	if err != nil { // which no job has that was taken
		location = time.UTC
	}
	return at.In(location)
}

func token(target *schedulerpb.HttpTarget) *serviceagent.Token {
	switch t := target.GetAuthorizationHeader().(type) {
	case *schedulerpb.HttpTarget_OidcToken:
		return &serviceagent.Token{ServiceAccount: t.OidcToken.GetServiceAccountEmail(), Audience: t.OidcToken.GetAudience()}
	case *schedulerpb.HttpTarget_OauthToken:
		return &serviceagent.Token{ServiceAccount: t.OauthToken.GetServiceAccountEmail(), Scope: t.OauthToken.GetScope()}
	}
	return nil
}
