package scheduler_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

func TestDefaults(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{}, func(t *testing.T, w *world) {
		w.create(t, newJob(func(job *schedulerpb.Job) {
			job.State = schedulerpb.Job_PAUSED // which no caller may set
			job.GetHttpTarget().Body = []byte("x")
			job.GetHttpTarget().AuthorizationHeader = &schedulerpb.HttpTarget_OidcToken{OidcToken: &schedulerpb.OidcToken{ServiceAccountEmail: robot}}
		}))
		want := new(schedulerpb.Job)
		if err := protojson.Unmarshal([]byte(`{
			"name": "`+jobName+`", "schedule": "0 * * * *", "timeZone": "UTC", "state": "ENABLED", "attemptDeadline": "180s",
			"userUpdateTime": "2000-01-01T00:00:00Z", "scheduleTime": "2000-01-01T01:00:00Z",
			"retryConfig": {"maxRetryDuration": "0s", "minBackoffDuration": "5s", "maxBackoffDuration": "3600s", "maxDoublings": 5},
			"httpTarget": {"uri": "`+uri+`", "httpMethod": "POST", "body": "eA==",
				"headers": {"User-Agent": "Google-Cloud-Scheduler", "Content-Type": "application/octet-stream"},
				"oidcToken": {"serviceAccountEmail": "`+robot+`", "audience": "`+uri+`"}}}`), want); err != nil {
			t.Fatal(err)
		}
		if got := w.get(t); !proto.Equal(want, got) {
			t.Errorf("job (-want +got):\n%s", cmp.Diff(protojson.Format(want), protojson.Format(got)))
		}
	})
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	http := func(change func(*schedulerpb.HttpTarget)) func(*schedulerpb.Job) {
		return func(job *schedulerpb.Job) { change(job.GetHttpTarget()) }
	}
	retry := func(r *schedulerpb.RetryConfig) func(*schedulerpb.Job) { return withRetries(r) }
	pubsub := func(p *schedulerpb.PubsubTarget) func(*schedulerpb.Job) {
		return func(job *schedulerpb.Job) { job.Target = &schedulerpb.Job_PubsubTarget{PubsubTarget: p} }
	}
	oauth := func(email string) func(*schedulerpb.HttpTarget) {
		return func(h *schedulerpb.HttpTarget) {
			h.AuthorizationHeader = &schedulerpb.HttpTarget_OauthToken{OauthToken: &schedulerpb.OAuthToken{ServiceAccountEmail: email}}
		}
	}
	tests := []struct {
		name   string
		change func(*schedulerpb.Job)
		field  string
		words  string
	}{
		{"a name of another form", func(job *schedulerpb.Job) { job.Name = "my-job" }, "job.name", "Job name must be formatted"},
		{"a name's letters", func(job *schedulerpb.Job) { job.Name = location + "/jobs/a.b" }, "job.name", "Job name must be formatted"},
		{"a name's length", func(job *schedulerpb.Job) { job.Name = location + "/jobs/" + strings.Repeat("a", 501) }, "job.name", "Job name must be formatted"},
		{"a name that leads out", func(job *schedulerpb.Job) { job.Name = location + "/jobs/../x" }, "job.name", "Job name must be formatted"},
		{"another location's name", func(job *schedulerpb.Job) { job.Name = "projects/local-project/locations/europe-west1/jobs/a" }, "job.name", "must lie in the parent"},
		{"no schedule", func(job *schedulerpb.Job) { job.Schedule = "" }, "job.schedule", "Schedule or time zone is invalid."},
		{"a descriptor", func(job *schedulerpb.Job) { job.Schedule = "@every 5m" }, "job.schedule", "Schedule or time zone is invalid."},
		{"a time zone", func(job *schedulerpb.Job) { job.TimeZone = "Mars/Olympus" }, "job.schedule", "Schedule or time zone is invalid."},
		{"a long description", func(job *schedulerpb.Job) { job.Description = strings.Repeat("é", 501) }, "job.description", "500 characters"},
		{"a deadline that is too short", func(job *schedulerpb.Job) { job.AttemptDeadline = durationpb.New(14 * time.Second) }, "job.attempt_deadline", "between 15s and 30m0s"},
		{"a deadline that is too long", func(job *schedulerpb.Job) { job.AttemptDeadline = durationpb.New(30*time.Minute + 1) }, "job.attempt_deadline", "between 15s and 30m0s"},
		{"too many retries", retry(&schedulerpb.RetryConfig{RetryCount: 6}), "job.retry_config.retry_count", "between 0 and 5"},
		{"negative retries", retry(&schedulerpb.RetryConfig{RetryCount: -1}), "job.retry_config.retry_count", "between 0 and 5"},
		{"negative doublings", retry(&schedulerpb.RetryConfig{MaxDoublings: -1}), "job.retry_config.max_doublings", "between 0 and"},
		{"a negative backoff", retry(&schedulerpb.RetryConfig{MinBackoffDuration: durationpb.New(-1)}), "job.retry_config.min_backoff_duration", "must be between"},
		{"a backoff that is no duration", retry(&schedulerpb.RetryConfig{MaxRetryDuration: &durationpb.Duration{Seconds: 1 << 62}}), "job.retry_config.max_retry_duration", "must be between"},
		{"more at least than at most", retry(&schedulerpb.RetryConfig{MinBackoffDuration: durationpb.New(2 * time.Hour)}), "job.retry_config.min_backoff_duration", "must not be longer"},
		{"no target", func(job *schedulerpb.Job) { job.Target = nil }, "job.target", "Exactly one target"},
		{"a URI without a scheme", http(func(h *schedulerpb.HttpTarget) { h.Uri = "hello.example.com" }), "job.http_target.uri", `begins with "http://" or "https://"`},
		{"another scheme", http(func(h *schedulerpb.HttpTarget) { h.Uri = "ftp://hello.example.com" }), "job.http_target.uri", `begins with`},
		{"a URI without a host", http(func(h *schedulerpb.HttpTarget) { h.Uri = "https:///x" }), "job.http_target.uri", `begins with`},
		{"no URI", http(func(h *schedulerpb.HttpTarget) { h.Uri = "https://a b" }), "job.http_target.uri", `begins with`},
		{"a password", http(func(h *schedulerpb.HttpTarget) { h.Uri = "https://user:hidden@example.com" }), "job.http_target.uri", "no password"},
		{"a long URI", http(func(h *schedulerpb.HttpTarget) { h.Uri += strings.Repeat("a", 2083) }), "job.http_target.uri", "2083 characters"},
		{"a body with GET", http(func(h *schedulerpb.HttpTarget) { h.HttpMethod, h.Body = schedulerpb.HttpMethod_GET, []byte("x") }), "job.http_target.body", "POST, PUT or PATCH"},
		{"an unknown method", http(func(h *schedulerpb.HttpTarget) { h.HttpMethod = 99 }), "job.http_target.http_method", "99"},
		{"a header's name", http(func(h *schedulerpb.HttpTarget) { h.Headers = map[string]string{"A B": "x"} }), "job.http_target.headers", `"A B"`},
		{"a header with a line break", http(func(h *schedulerpb.HttpTarget) { h.Headers = map[string]string{"A": "x\r\nB: y"} }), "job.http_target.headers", `"A"`},
		{"large headers", http(func(h *schedulerpb.HttpTarget) { h.Headers = map[string]string{"A": strings.Repeat("x", 80<<10)} }), "job.http_target.headers", "81920 bytes"},
		{"a large body", http(func(h *schedulerpb.HttpTarget) { h.Body = make([]byte, 1<<20) }), "job", "too large"},
		{"no account", http(oauth("")), "job.http_target.oauth_token", "https://*.googleapis.com only"},
		{"an OAuth token for another host", http(oauth(robot)), "job.http_target.oauth_token", "https://*.googleapis.com only"},
		{"an OAuth token in plain text", http(func(h *schedulerpb.HttpTarget) { h.Uri = "http://run.googleapis.com/"; oauth(robot)(h) }), "job.http_target.oauth_token", "https://*.googleapis.com only"},
		{"an OAuth token of nobody", http(func(h *schedulerpb.HttpTarget) { h.Uri = "https://run.googleapis.com/"; oauth("")(h) }), "job.http_target.oauth_token.service_account_email", "missing"},
		{"an ID token of nobody", http(func(h *schedulerpb.HttpTarget) {
			h.AuthorizationHeader = &schedulerpb.HttpTarget_OidcToken{OidcToken: &schedulerpb.OidcToken{ServiceAccountEmail: "robot"}}
		}), "job.http_target.oidc_token.service_account_email", `"robot"`},
		{"a topic's name", pubsub(&schedulerpb.PubsubTarget{TopicName: "my-topic", Data: []byte("x")}), "job.pubsub_target.topic_name", "must be formatted"},
		{"another project's topic", pubsub(&schedulerpb.PubsubTarget{TopicName: "projects/other/topics/my-topic", Data: []byte("x")}), "job.pubsub_target.topic_name", "same project"},
		{"an empty message", pubsub(&schedulerpb.PubsubTarget{TopicName: topic}), "job.pubsub_target", "data or at least one attribute"},
	}
	w := newWorld(t, &targets{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := w.CreateJob(w.as(t, admin), &schedulerpb.CreateJobRequest{Parent: location, Job: newJob(tt.change)})
			if got := status.Convert(err); got.Code() != codes.InvalidArgument || !strings.Contains(got.Message(), tt.words) {
				t.Errorf("got %v, want INVALID_ARGUMENT with %q", err, tt.words)
			}
			if got := violated(err); got != tt.field {
				t.Errorf("got the field %q, want %q", got, tt.field)
			}
		})
	}
}

// violated is the field that an error blames.
func violated(err error) string {
	for _, d := range status.Convert(err).Details() {
		if bad, ok := d.(*errdetails.BadRequest); ok {
			return bad.GetFieldViolations()[0].GetField()
		}
	}
	return ""
}

func TestOtherRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &targets{})
	w.create(t, newJob())
	const gone = location + "/jobs/gone"
	as := func(email string) func(*schedulerpb.Job) {
		return func(job *schedulerpb.Job) {
			job.Name = location + "/jobs/acting"
			job.GetHttpTarget().AuthorizationHeader = &schedulerpb.HttpTarget_OidcToken{OidcToken: &schedulerpb.OidcToken{ServiceAccountEmail: email}}
		}
	}
	create := func(who, parent string, job *schedulerpb.Job) error {
		_, err := w.CreateJob(w.as(t, who), &schedulerpb.CreateJobRequest{Parent: parent, Job: job})
		return err
	}
	update := func(job *schedulerpb.Job, paths ...string) error {
		_, err := w.UpdateJob(w.as(t, admin), &schedulerpb.UpdateJobRequest{Job: job, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths}})
		return err
	}
	resume := func(name string) error {
		_, err := w.ResumeJob(w.as(t, admin), &schedulerpb.ResumeJobRequest{Name: name})
		return err
	}
	list := func(size int32, token string) error {
		_, err := w.ListJobs(w.as(t, admin), &schedulerpb.ListJobsRequest{Parent: location, PageSize: size, PageToken: token})
		return err
	}
	tests := []struct {
		name  string
		err   error
		want  codes.Code
		words string
	}{
		{"it exists", create(admin, location, newJob()), codes.AlreadyExists, "Job " + jobName + " already exists."},
		{"no job", create(admin, location, nil), codes.InvalidArgument, "missing"},
		{"no location", create(admin, "projects/local-project", newJob()), codes.InvalidArgument, "Parent must be formatted"},
		{"an account that one may not act as", create(admin, location, newJob(as(other))), codes.PermissionDenied, `"iam.serviceAccounts.actAs" for the resource "` + other},
		{"an account that there is not", create(admin, location, newJob(as("x@y.iam.gserviceaccount.com"))), codes.PermissionDenied, "iam.serviceAccounts.actAs"},
		{"a person as the account", create(admin, location, newJob(as(viewer))), codes.PermissionDenied, "iam.serviceAccounts.actAs"},
		{"App Engine", create(admin, location, newJob(func(job *schedulerpb.Job) {
			job.Target = &schedulerpb.Job_AppEngineHttpTarget{AppEngineHttpTarget: &schedulerpb.AppEngineHttpTarget{}}
		})), codes.Unimplemented, "use an HTTP or a Pub/Sub target"},
		{"an update of none", update(&schedulerpb.Job{Name: gone}), codes.NotFound, "Job not found."},
		{"an update of an unknown field", update(newJob(), "nope"), codes.InvalidArgument, `"nope"`},
		{"an update into a field that has none", update(newJob(), "schedule.x"), codes.InvalidArgument, `"schedule.x"`},
		{"an update into a map", update(newJob(), "http_target.headers.a"), codes.InvalidArgument, "headers.a"},
		{"an update to a bad job", update(&schedulerpb.Job{Name: jobName}, "schedule"), codes.InvalidArgument, "Schedule or time zone"},
		{"an update to another account", update(newJob(func(job *schedulerpb.Job) { as(other)(job); job.Name = jobName }), "http_target"), codes.PermissionDenied, other},
		{"to resume what is not paused", resume(jobName), codes.FailedPrecondition, "PAUSED"},
		{"to resume none", resume(gone), codes.NotFound, "Job not found."},
		{"a name of another form", resume("jobs/x"), codes.InvalidArgument, "Job name must be formatted"},
		{"a negative page", list(-1, ""), codes.InvalidArgument, "page size"},
		{"a page token", list(1, "!"), codes.InvalidArgument, "page token"},
	}
	for _, tt := range tests {
		if got := status.Convert(tt.err); got.Code() != tt.want || !strings.Contains(got.Message(), tt.words) {
			t.Errorf("%s: got %v, want %s with %q", tt.name, tt.err, tt.want, tt.words)
		}
	}
	if job := w.get(t); job.GetHttpTarget().GetOidcToken() != nil || job.GetSchedule() != "0 * * * *" {
		t.Errorf("refused updates changed the job to %v", job)
	}
}

func TestWhoMay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &targets{})
	w.create(t, newJob())
	methods := map[string]func(who string) error{
		"cloudscheduler.jobs.list": func(who string) error {
			_, err := w.ListJobs(w.as(t, who), &schedulerpb.ListJobsRequest{Parent: location})
			return err
		},
		"cloudscheduler.jobs.get": func(who string) error {
			_, err := w.GetJob(w.as(t, who), &schedulerpb.GetJobRequest{Name: jobName})
			return err
		},
		"cloudscheduler.jobs.run": func(who string) error {
			_, err := w.RunJob(w.as(t, who), &schedulerpb.RunJobRequest{Name: jobName})
			return err
		},
		"cloudscheduler.jobs.create": func(who string) error {
			_, err := w.CreateJob(w.as(t, who), &schedulerpb.CreateJobRequest{Parent: location, Job: newJob(func(job *schedulerpb.Job) { job.Name = "" })})
			return err
		},
		"cloudscheduler.jobs.update": func(who string) error {
			_, err := w.UpdateJob(w.as(t, who), &schedulerpb.UpdateJobRequest{Job: newJob()})
			return err
		},
		"cloudscheduler.jobs.pause": func(who string) error {
			_, err := w.PauseJob(w.as(t, who), &schedulerpb.PauseJobRequest{Name: jobName})
			return err
		},
		"cloudscheduler.jobs.enable": func(who string) error {
			_, err := w.ResumeJob(w.as(t, who), &schedulerpb.ResumeJobRequest{Name: jobName})
			return err
		},
		"cloudscheduler.jobs.delete": func(who string) error {
			_, err := w.DeleteJob(w.as(t, who), &schedulerpb.DeleteJobRequest{Name: jobName})
			return err
		},
	}
	order := []string{"list", "get", "run", "create", "update", "pause", "enable", "delete"}
	may := map[string][]string{viewer: {"list", "get"}, runner: {"run"}, stranger: nil, admin: order}
	for _, who := range []string{stranger, viewer, runner, admin} {
		for _, verb := range order {
			permission := "cloudscheduler.jobs." + verb
			err := methods[permission](who)
			want := fmt.Sprintf("lacks IAM permission %q for the resource", permission)
			switch allowed := strings.Contains(strings.Join(may[who], " "), verb); {
			case allowed && err != nil:
				t.Errorf("%s %s: %v", who, verb, err)
			case !allowed && (status.Code(err) != codes.PermissionDenied || !strings.Contains(err.Error(), want)):
				t.Errorf("%s %s: got %v, want that it %s", who, verb, err, want)
			}
		}
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{}, func(t *testing.T, w *world) {
		made := w.create(t, newJob(func(job *schedulerpb.Job) {
			job.Description = "old"
			job.GetHttpTarget().Body = []byte("old")
			job.GetHttpTarget().AuthorizationHeader = &schedulerpb.HttpTarget_OidcToken{OidcToken: &schedulerpb.OidcToken{ServiceAccountEmail: robot}}
		}))
		sleep(time.Minute)
		by := &schedulerpb.Job{
			Name: jobName, Schedule: "30 * * * *", Description: "ignored", State: schedulerpb.Job_DISABLED,
			Target: &schedulerpb.Job_HttpTarget{HttpTarget: &schedulerpb.HttpTarget{Uri: "https://new.example.com/", Body: []byte("ignored")}},
		}
		mask := &fieldmaskpb.FieldMask{Paths: []string{"schedule", "http_target.uri", "state", "retry_config.retry_count"}}
		got, err := w.UpdateJob(w.as(t, admin), &schedulerpb.UpdateJobRequest{Job: by, UpdateMask: mask})
		if err != nil {
			t.Fatal(err)
		}
		want := proto.CloneOf(made)
		want.Schedule, want.GetHttpTarget().Uri = "30 * * * *", "https://new.example.com/"
		want.GetHttpTarget().GetOidcToken().Audience = "https://new.example.com/" // as it was the URI before
		want.UserUpdateTime.Seconds += 60
		want.ScheduleTime.Seconds -= 30 * 60
		if !proto.Equal(want, got) {
			t.Errorf("job (-want +got):\n%s", cmp.Diff(protojson.Format(want), protojson.Format(got)))
		}
		whole, err := w.UpdateJob(w.as(t, admin), &schedulerpb.UpdateJobRequest{Job: newJob()})
		if err != nil {
			t.Fatal(err)
		}
		if whole.GetDescription() != "" || whole.GetHttpTarget().GetOidcToken() != nil || len(whole.GetHttpTarget().GetBody()) != 0 || whole.GetHttpTarget().GetUri() != uri {
			t.Errorf("got %v, want all of the job replaced where there is no mask", whole)
		}
		if stored := w.get(t); !proto.Equal(stored, whole) {
			t.Errorf("got %v, want what the update answered, %v", stored, whole)
		}
	})
}

// gcloud's --clear-auth-token names every field of both kinds of token.
func TestAnUpdateTakesTheTokenAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &targets{})
	w.create(t, newJob(func(job *schedulerpb.Job) {
		job.GetHttpTarget().AuthorizationHeader = &schedulerpb.HttpTarget_OidcToken{OidcToken: &schedulerpb.OidcToken{ServiceAccountEmail: robot, Audience: "own"}}
	}))
	got, err := w.UpdateJob(w.as(t, admin), &schedulerpb.UpdateJobRequest{Job: &schedulerpb.Job{Name: jobName}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{
		"http_target.oidc_token.service_account_email", "http_target.oidc_token.audience", "http_target.oauth_token.service_account_email", "http_target.oauth_token.scope",
	}}})
	if err != nil || got.GetHttpTarget().GetAuthorizationHeader() != nil || got.GetHttpTarget().GetUri() != uri {
		t.Errorf("got %v, %v, want the job without a token", got, err)
	}
}

func TestAnUpdateKeepsAnAudienceOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &targets{})
	w.create(t, newJob(func(job *schedulerpb.Job) {
		job.GetHttpTarget().AuthorizationHeader = &schedulerpb.HttpTarget_OidcToken{OidcToken: &schedulerpb.OidcToken{ServiceAccountEmail: robot, Audience: "own"}}
	}))
	by := newJob(func(job *schedulerpb.Job) { job.GetHttpTarget().Uri = "https://new.example.com/" })
	got, err := w.UpdateJob(w.as(t, admin), &schedulerpb.UpdateJobRequest{Job: by, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"http_target.uri"}}})
	if err != nil || got.GetHttpTarget().GetOidcToken().GetAudience() != "own" {
		t.Errorf("got %v, %v, want the audience kept", got, err)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &targets{})
	var want []string
	for i := range 5 {
		name := fmt.Sprintf("%s/jobs/job-%d", location, i)
		w.create(t, newJob(func(job *schedulerpb.Job) { job.Name = name }))
		want = append(want, name)
	}
	elsewhere := newJob(func(job *schedulerpb.Job) { job.Name = "" })
	made, err := w.CreateJob(w.as(t, admin), &schedulerpb.CreateJobRequest{Parent: "projects/local-project/locations/us-central10", Job: elsewhere})
	if err != nil || !strings.HasPrefix(made.GetName(), "projects/local-project/locations/us-central10/jobs/") {
		t.Fatalf("got %v, %v, want a name of the system's", made, err)
	}
	var got []string
	pages, token := 0, ""
	for pages == 0 || token != "" {
		page, err := w.ListJobs(w.as(t, admin), &schedulerpb.ListJobsRequest{Parent: location, PageSize: 2, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, job := range page.GetJobs() {
			got = append(got, job.GetName())
		}
		pages, token = pages+1, page.GetNextPageToken()
	}
	if diff := cmp.Diff(want, got); diff != "" || pages != 3 {
		t.Errorf("%d pages (-want +got):\n%s", pages, diff)
	}
}
