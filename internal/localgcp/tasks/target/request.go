package target

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"

	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
	"github.com/authcall/authcall/internal/localgcp/tasks/resource"
)

// Attempt is what the target is told of the attempt.
type Attempt struct {
	// Task is the name of the task.
	Task resource.Task
	// Retries are the attempts before this one.
	Retries int
	// Executions are those of them that the target answered, other than with a 5xx.
	Executions int
	// Previous is the status of the attempt before; 0 where this is the first.
	Previous int
	// Scheduled is the time that the attempt was to be made.
	Scheduled time.Time
}

// Request makes the request of an attempt of the task.
func Request(q *cloudtaskspb.HttpTarget, t *cloudtaskspb.Task, a Attempt) (delivery.Request, error) {
	r := t.GetHttpRequest()
	to, err := override(r.GetUrl(), q.GetUriOverride())
	if err != nil {
		return delivery.Request{}, err
	}
	method := r.GetHttpMethod()
	if m := q.GetHttpMethod(); m != cloudtaskspb.HttpMethod_HTTP_METHOD_UNSPECIFIED {
		method = m
	}
	request := delivery.Request{
		Method:    method.String(),
		URL:       to.String(),
		Header:    headers(r.GetHeaders(), q.GetHeaderOverrides(), a),
		Token:     token(q, r, to.String()),
		Deadline:  t.GetDispatchDeadline().AsDuration(),
		UserAgent: resource.UserAgent,
		Attempt:   a.Retries + 1,
	}
	if resource.TakesBody(method) {
		request.Body = r.GetBody()
	}
	if request.Token != nil && request.Token.Audience == "" && !resource.TakesAccessTokens(to) {
		return delivery.Request{}, fmt.Errorf("an access token is for https://*.googleapis.com alone, not for %s", to.Host)
	}
	return request, nil
}

// token is the queue's, or the task's own. An ID token is for the URL where nothing
// else is said.
func token(q *cloudtaskspb.HttpTarget, r *cloudtaskspb.HttpRequest, to string) *serviceagent.Token {
	oidc, oauth := r.GetOidcToken(), r.GetOauthToken()
	if q.GetAuthorizationHeader() != nil {
		oidc, oauth = q.GetOidcToken(), q.GetOauthToken()
	}
	switch {
	case oidc != nil && oidc.GetAudience() != "":
		return &serviceagent.Token{ServiceAccount: oidc.GetServiceAccountEmail(), Audience: oidc.GetAudience()}
	case oidc != nil:
		return &serviceagent.Token{ServiceAccount: oidc.GetServiceAccountEmail(), Audience: to}
	case oauth != nil:
		return &serviceagent.Token{ServiceAccount: oauth.GetServiceAccountEmail(), Scope: oauth.GetScope()}
	default:
		return nil
	}
}

// headers are the task's, under the queue's, without those that Cloud Tasks does not
// let through, and with its own.
func headers(own map[string]string, over []*cloudtaskspb.HttpTarget_HeaderOverride, a Attempt) http.Header {
	h := http.Header{}
	set := func(name, value string) {
		if !reserved(name) {
			h.Set(name, value)
		}
	}
	for name, value := range own {
		set(name, value)
	}
	for _, o := range over {
		set(o.GetHeader().GetKey(), o.GetHeader().GetValue())
	}
	h.Set("X-CloudTasks-QueueName", a.Task.Queue.ID)
	h.Set("X-CloudTasks-TaskName", a.Task.ID)
	h.Set("X-CloudTasks-TaskRetryCount", strconv.Itoa(a.Retries))
	h.Set("X-CloudTasks-TaskExecutionCount", strconv.Itoa(a.Executions))
	h.Set("X-CloudTasks-TaskETA", eta(a.Scheduled))
	if a.Previous != 0 {
		h.Set("X-CloudTasks-TaskPreviousResponse", strconv.Itoa(a.Previous))
		h.Set("X-CloudTasks-TaskRetryReason", "") // Cloud Tasks knows reasons for App Engine alone
	}
	return h
}

// eta is a time in seconds.
func eta(t time.Time) string {
	return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/int(time.Microsecond))
}

// reserved says whether a header is not for users to set: it is Google's, or is made
// of the request.
func reserved(name string) bool {
	switch name = strings.ToLower(name); name {
	case "host", "content-length", "user-agent", "connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade":
		return true
	}
	return strings.HasPrefix(name, "x-google-") || strings.HasPrefix(name, "x-appengine-") || strings.HasPrefix(name, "x-cloudtasks-")
}
