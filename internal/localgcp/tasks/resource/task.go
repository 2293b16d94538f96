package resource

import (
	"net/url"
	"strings"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// UserAgent is what tasks call themselves, whatever their headers say.
const UserAgent = "Google-Cloud-Tasks"

const (
	maxURL = 2083 // characters
	// maxTask is what Cloud Tasks is seen to take, in bytes. Its reference says 100KB.
	maxTask = 1<<20 - 7

	defaultDeadline = 10 * time.Minute
	minDeadline     = 15 * time.Second
	maxDeadline     = 30 * time.Minute
	// horizon is how far ahead a task may be scheduled.
	horizon = 720 * time.Hour
)

// CompleteTask checks a task that has its name, fills in what it leaves open and
// takes out what is not for callers to say.
func CompleteTask(t *cloudtaskspb.Task, in *cloudtaskspb.Queue, now time.Time) error {
	if t.GetAppEngineHttpRequest() != nil {
		return status.Error(codes.Unimplemented, "The local Cloud Tasks has no App Engine: it takes tasks with an httpRequest alone.")
	}
	if t.GetHttpRequest() == nil {
		return invalid("Task.httpRequest is required.")
	}
	if err := completeRequest(t.GetHttpRequest(), in.GetHttpTarget().GetUriOverride()); err != nil {
		return err
	}
	if err := completeTimes(t, now); err != nil {
		return err
	}
	if t.GetRetryConfig() != nil {
		if err := completeRetry(t.GetRetryConfig()); err != nil {
			return err
		}
	}
	t.DispatchCount, t.ResponseCount, t.FirstAttempt, t.LastAttempt = 0, 0, nil, nil
	t.View = cloudtaskspb.Task_VIEW_UNSPECIFIED
	if proto.Size(t) > maxTask {
		return invalid("Task size too large")
	}
	return nil
}

func completeTimes(t *cloudtaskspb.Task, now time.Time) error {
	if d := t.GetDispatchDeadline(); d.AsDuration() == 0 {
		t.DispatchDeadline = durationpb.New(defaultDeadline)
	} else if d.CheckValid() != nil || d.AsDuration() < minDeadline || d.AsDuration() > maxDeadline {
		return invalid("Task.dispatchDeadline must be between [15s, 30m].")
	}
	t.DispatchDeadline = durationpb.New(t.GetDispatchDeadline().AsDuration().Truncate(time.Millisecond))
	at := now
	if asked := t.GetScheduleTime(); asked != nil {
		if asked.CheckValid() != nil {
			return invalid("Task.scheduleTime is not a valid timestamp.")
		}
		if asked.AsTime().After(now) {
			at = asked.AsTime()
		}
	}
	if at.Sub(now) > horizon {
		return invalid("The Task.scheduleTime, %s, is too far in the future. Schedule time must be no more than 720h in the future.", at.Format(time.RFC3339))
	}
	t.ScheduleTime = timestamppb.New(at.Truncate(time.Microsecond))
	t.CreateTime = timestamppb.New(now.Truncate(time.Second))
	return nil
}

func completeRequest(r *cloudtaskspb.HttpRequest, override *cloudtaskspb.UriOverride) error {
	if err := checkURL(r.GetUrl(), override); err != nil {
		return err
	}
	setDefault(&r.HttpMethod, cloudtaskspb.HttpMethod_POST)
	if _, known := cloudtaskspb.HttpMethod_name[int32(r.GetHttpMethod())]; !known {
		return invalid("HttpRequest.httpMethod is unknown: %d.", r.GetHttpMethod())
	}
	if len(r.GetBody()) > 0 && !TakesBody(r.GetHttpMethod()) {
		return invalid("HttpRequest.body is allowed only if HttpRequest.httpMethod is POST, PUT, or PATCH, not %s.", r.GetHttpMethod())
	}
	if err := checkHeaders("HttpRequest.headers", r.GetHeaders()); err != nil {
		return err
	}
	r.Headers = withUserAgent(r.GetHeaders())
	return completeToken(r)
}

// checkURL lets a URL be left out that its queue's override gives a host.
func checkURL(text string, override *cloudtaskspb.UriOverride) error {
	if text == "" {
		if override.GetHost() != "" {
			return nil
		}
		return invalid("HttpRequest.url is required.")
	}
	if !strings.HasPrefix(text, "http://") && !strings.HasPrefix(text, "https://") {
		return invalid("HttpRequest.url must start with 'http://' or 'https://'.")
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return invalid("HttpRequest.url is not a valid URL: %q.", text)
	}
	if len(u.String()) > maxURL {
		return invalid("HttpRequest.url must be at most 2083 characters after encoding, got %d.", len(u.String()))
	}
	return nil
}

// TakesBody says whether requests of the method have a body.
func TakesBody(m cloudtaskspb.HttpMethod) bool {
	return m == cloudtaskspb.HttpMethod_POST || m == cloudtaskspb.HttpMethod_PUT || m == cloudtaskspb.HttpMethod_PATCH
}

// withUserAgent shows the User-Agent among the headers, as Cloud Tasks does.
func withUserAgent(headers map[string]string) map[string]string {
	shown := map[string]string{"User-Agent": UserAgent}
	for name, value := range headers {
		if !strings.EqualFold(name, "User-Agent") {
			shown[name] = value
		}
	}
	return shown
}
