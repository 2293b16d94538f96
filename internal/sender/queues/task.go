package queues

import (
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/authcall/authcall/internal/sender"
)

// Task is one task to be.
type Task struct {
	// Queue is the resource name of its queue.
	Queue string
	// ID makes it the only one of that name, for hours after its end; empty means
	// one that Cloud Tasks chooses.
	ID string
	// Call is what is sent.
	Call sender.Settings
	// ScheduleTime is when it is sent; zero means at once.
	ScheduleTime time.Time
	// DispatchDeadline is how long the target may take to answer; 0 means ten
	// minutes.
	DispatchDeadline time.Duration
}

const (
	// maxTask is how large a task may be, in bytes.
	maxTask     = 1 << 20
	minDispatch = 15 * time.Second
	maxDispatch = 30 * time.Minute
)

var taskPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z0-9_-]{1,500}$`) })

// Message is the task as it is sent, checked.
func (t Task) Message() (*cloudtaskspb.Task, error) {
	call, err := t.Call.Apply(sender.Call{})
	if err != nil {
		return nil, err
	}
	task := &cloudtaskspb.Task{MessageType: &cloudtaskspb.Task_HttpRequest{HttpRequest: request(call)}}
	if t.ID != "" {
		task.Name = TaskName(t.Queue, t.ID)
	}
	if !t.ScheduleTime.IsZero() {
		task.ScheduleTime = timestamppb.New(t.ScheduleTime)
	}
	if t.DispatchDeadline != 0 {
		task.DispatchDeadline = durationpb.New(t.DispatchDeadline)
	}
	return task, errors.Join(checkName(t.Queue), t.check(task))
}

// TaskName is the resource name of a task.
func TaskName(queue, id string) string { return queue + "/tasks/" + id }

func (t Task) check(task *cloudtaskspb.Task) error {
	var errs []error
	if t.ID != "" && !taskPattern().MatchString(t.ID) {
		errs = append(errs, fmt.Errorf("task: got %q, want 1 to 500 letters, digits, - and _", t.ID))
	}
	if d := t.DispatchDeadline; d != 0 && (d < minDispatch || d > maxDispatch) {
		errs = append(errs, fmt.Errorf("dispatch deadline %s: want %s to %s", d, minDispatch, maxDispatch))
	}
	if size := proto.Size(task); size > maxTask {
		errs = append(errs, fmt.Errorf("the task is %d bytes with its body, and Cloud Tasks takes %d: put the data into Cloud Storage and send its gs:// URI", size, maxTask))
	}
	return errors.Join(errs...)
}

func request(call sender.Call) *cloudtaskspb.HttpRequest {
	r := &cloudtaskspb.HttpRequest{
		Url: call.URL, Headers: call.Headers, Body: call.Body,
		HttpMethod: cloudtaskspb.HttpMethod(cloudtaskspb.HttpMethod_value[call.Method]),
	}
	if call.Method == "" {
		r.HttpMethod = cloudtaskspb.HttpMethod_POST
	}
	if token := call.Token; token.Scope != "" {
		r.AuthorizationHeader = &cloudtaskspb.HttpRequest_OauthToken{OauthToken: &cloudtaskspb.OAuthToken{
			ServiceAccountEmail: token.ServiceAccount, Scope: token.Scope,
		}}
	} else {
		r.AuthorizationHeader = &cloudtaskspb.HttpRequest_OidcToken{OidcToken: &cloudtaskspb.OidcToken{
			ServiceAccountEmail: token.ServiceAccount, Audience: token.Audience,
		}}
	}
	return r
}

// CallOf is the call that a task makes.
func CallOf(task *cloudtaskspb.Task) sender.Call {
	r := task.GetHttpRequest()
	call := sender.Call{URL: r.GetUrl(), Method: r.GetHttpMethod().String(), Headers: r.GetHeaders(), Body: r.GetBody()}
	if t := r.GetOidcToken(); t != nil {
		call.Token = sender.Token{ServiceAccount: t.GetServiceAccountEmail(), Audience: t.GetAudience()}
	}
	if t := r.GetOauthToken(); t != nil {
		call.Token = sender.Token{ServiceAccount: t.GetServiceAccountEmail(), Scope: t.GetScope()}
	}
	return call
}
