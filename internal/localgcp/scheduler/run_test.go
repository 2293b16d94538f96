package scheduler_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/authcall/authcall/internal/localgcp/clock"
	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

// inBubble runs a test in virtual time.
func inBubble(t *testing.T, target *targets, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, target)
		test(t, w)
		w.Close() // for nothing may go on after the bubble
	})
}

// sleep lets time pass, and what it brings be done.
func sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func withRetries(r *schedulerpb.RetryConfig) func(*schedulerpb.Job) {
	return func(job *schedulerpb.Job) { job.RetryConfig = r }
}

func failing(int, delivery.Request) delivery.Result {
	return delivery.Result{Status: http.StatusServiceUnavailable}
}

func TestAJobCallsItsTargetOnTime(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{}, func(t *testing.T, w *world) {
		start := time.Now()
		w.create(t, newJob(func(job *schedulerpb.Job) {
			job.GetHttpTarget().Body = []byte("body")
			job.GetHttpTarget().Headers = map[string]string{
				"X-Own": "kept", "User-Agent": "mine", "Host": "evil.example.com", "X-Google-Thing": "a", "x-appengine-thing": "a",
				"X-CloudScheduler-JobName": "lie", "Content-Length": "1",
			}
			job.GetHttpTarget().AuthorizationHeader = &schedulerpb.HttpTarget_OidcToken{OidcToken: &schedulerpb.OidcToken{ServiceAccountEmail: robot}}
		}))
		sleep(2*time.Hour + time.Minute)
		if diff := cmp.Diff([]time.Duration{time.Hour, 2 * time.Hour}, w.after(start)); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		want := delivery.Request{
			Method: http.MethodPost, URL: uri, Body: []byte("body"), Deadline: 3 * time.Minute, UserAgent: "Google-Cloud-Scheduler", Attempt: 1,
			Token: &serviceagent.Token{ServiceAccount: robot, Audience: uri},
			Header: http.Header{
				"X-Own": {"kept"}, "Content-Type": {"application/octet-stream"}, "X-Cloudscheduler": {"true"},
				"X-Cloudscheduler-Jobname": {"my-job"}, "X-Cloudscheduler-Scheduletime": {"2000-01-01T01:00:00Z"},
			},
		}
		if diff := cmp.Diff(want, w.attempts()[0].Request); diff != "" {
			t.Errorf("request (-want +got):\n%s", diff)
		}
		job := w.get(t)
		if job.GetStatus() == nil || job.GetStatus().GetCode() != 0 || !job.GetLastAttemptTime().AsTime().Equal(start.Add(2*time.Hour)) ||
			!job.GetScheduleTime().AsTime().Equal(start.Add(3*time.Hour)) {
			t.Errorf("got %v, want an attempt at 2h with success, and the next at 3h", job)
		}
	})
}

func TestTheScheduleTimeIsThatOfTheZone(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{}, func(t *testing.T, w *world) {
		w.create(t, newJob(func(job *schedulerpb.Job) { job.TimeZone = "America/Los_Angeles" }))
		sleep(time.Hour)
		if got := w.attempts()[0].Header.Get("X-CloudScheduler-ScheduleTime"); got != "1999-12-31T17:00:00-08:00" {
			t.Errorf("got %s, want the time with the zone's offset", got)
		}
	})
}

func TestAnAccessTokenForGooglesAPIs(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{}, func(t *testing.T, w *world) {
		w.create(t, newJob(func(job *schedulerpb.Job) {
			job.GetHttpTarget().Uri = "https://us-central1-aiplatform.googleapis.com/v1/x"
			job.GetHttpTarget().HttpMethod = schedulerpb.HttpMethod_GET
			job.GetHttpTarget().AuthorizationHeader = &schedulerpb.HttpTarget_OauthToken{OauthToken: &schedulerpb.OAuthToken{ServiceAccountEmail: robot}}
		}))
		sleep(time.Hour)
		want := &serviceagent.Token{ServiceAccount: robot, Scope: "https://www.googleapis.com/auth/cloud-platform"}
		if diff := cmp.Diff(want, w.attempts()[0].Token); diff != "" || w.attempts()[0].Method != http.MethodGet {
			t.Errorf("%s with a token (-want +got):\n%s", w.attempts()[0].Method, diff)
		}
	})
}

func TestRetries(t *testing.T) {
	t.Parallel()
	seconds := func(n ...int) (all []time.Duration) {
		for _, s := range n {
			all = append(all, time.Hour+time.Duration(s)*time.Second)
		}
		return all
	}
	backoff := func(low, high time.Duration) schedulerpb.RetryConfig {
		return schedulerpb.RetryConfig{MinBackoffDuration: durationpb.New(low), MaxBackoffDuration: durationpb.New(high)}
	}
	short := backoff(10*time.Second, time.Hour)
	tests := []struct {
		name   string
		count  int32
		config *schedulerpb.RetryConfig
		limit  time.Duration
		answer func(int, delivery.Request) delivery.Result
		want   []time.Duration
	}{
		{"none by default", 0, &short, 0, failing, seconds(0)},
		{"none without a count, whatever the duration", 0, &short, time.Minute, failing, seconds(0)},
		{"as many as the count", 3, &short, 0, failing, seconds(0, 10, 30, 70)},
		{"until it succeeds", 5, &short, 0, func(n int, r delivery.Request) delivery.Result {
			if n < 2 {
				return failing(n, r)
			}
			return delivery.Result{Status: http.StatusNoContent}
		}, seconds(0, 10, 30)},
		{"on past the count while the duration lasts", 1, &short, 2 * time.Minute, failing, seconds(0, 10, 30, 70)},
		{"on past the duration while the count lasts", 3, &short, 20 * time.Second, failing, seconds(0, 10, 30, 70)},
		{"none that the next time overtakes", 5, &schedulerpb.RetryConfig{MinBackoffDuration: durationpb.New(20 * time.Minute)}, 0, failing, seconds(0, 1200)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			config := &schedulerpb.RetryConfig{
				RetryCount: tt.count, MinBackoffDuration: tt.config.GetMinBackoffDuration(), MaxBackoffDuration: tt.config.GetMaxBackoffDuration(),
				MaxRetryDuration: durationpb.New(tt.limit),
			}
			inBubble(t, &targets{answer: tt.answer}, func(t *testing.T, w *world) {
				start := time.Now()
				w.create(t, newJob(withRetries(config)))
				sleep(2*time.Hour - time.Second)
				if diff := cmp.Diff(tt.want, w.after(start)); diff != "" {
					t.Errorf("attempts (-want +got):\n%s", diff)
				}
				for i, a := range w.attempts() {
					if a.Attempt != i+1 || a.Header.Get("X-CloudScheduler-ScheduleTime") != "2000-01-01T01:00:00Z" {
						t.Errorf("attempt %d: got number %d for %s", i, a.Attempt, a.Header.Get("X-CloudScheduler-ScheduleTime"))
					}
				}
			})
		})
	}
}

func TestTheNextTimeMayBeARetry(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{answer: failing}, func(t *testing.T, w *world) {
		start := time.Now()
		w.create(t, newJob(withRetries(&schedulerpb.RetryConfig{RetryCount: 1, MinBackoffDuration: durationpb.New(time.Minute)})))
		sleep(time.Hour)
		if got := w.get(t).GetScheduleTime().AsTime().Sub(start); got != time.Hour+time.Minute {
			t.Errorf("after the first attempt: the next is in %v, want 1h1m", got)
		}
		sleep(time.Minute)
		job := w.get(t)
		if got := job.GetScheduleTime().AsTime().Sub(start); got != 2*time.Hour {
			t.Errorf("after the last attempt: the next is in %v, want 2h", got)
		}
		if codes.Code(job.GetStatus().GetCode()) != codes.Unavailable {
			t.Errorf("got %v, want UNAVAILABLE", job.GetStatus())
		}
	})
}

func TestWhatBecameOfTheAttempt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		result delivery.Result
		want   codes.Code
		words  string
	}{
		{delivery.Result{Status: 204}, codes.OK, ""},
		{delivery.Result{Status: 302}, codes.Unknown, "302 Found"},
		{delivery.Result{Status: 400}, codes.InvalidArgument, "400"},
		{delivery.Result{Status: 401}, codes.Unauthenticated, "401"},
		{delivery.Result{Status: 403}, codes.PermissionDenied, "403 Forbidden"},
		{delivery.Result{Status: 404}, codes.NotFound, "404"},
		{delivery.Result{Status: 409}, codes.Aborted, "409"},
		{delivery.Result{Status: 429}, codes.ResourceExhausted, "429"},
		{delivery.Result{Status: 500}, codes.Internal, "500"},
		{delivery.Result{Status: 501}, codes.Unimplemented, "501"},
		{delivery.Result{Status: 504}, codes.DeadlineExceeded, "504"},
		{delivery.Result{Err: delivery.ErrDeadline}, codes.DeadlineExceeded, "deadline"},
		{delivery.Result{Err: &serviceagent.Denied{Agent: "agent@x", Permission: "p", ServiceAccount: robot, Role: "roles/r"}}, codes.PermissionDenied, "want a binding of roles/r"},
		{delivery.Result{Err: http.ErrHandlerTimeout}, codes.Unavailable, "timeout"},
	}
	for _, tt := range tests {
		inBubble(t, &targets{answer: func(int, delivery.Request) delivery.Result { return tt.result }}, func(t *testing.T, w *world) {
			w.create(t, newJob())
			sleep(time.Hour)
			got := w.get(t).GetStatus()
			if codes.Code(got.GetCode()) != tt.want || !strings.Contains(got.GetMessage(), tt.words) {
				t.Errorf("%+v: got %v, want %s with %q", tt.result, got, tt.want, tt.words)
			}
			if failed := strings.Contains(w.log.String(), jobName); failed != (tt.want != codes.OK) {
				t.Errorf("%+v: the log says %q", tt.result, w.log)
			}
		})
	}
}

func TestRunNow(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{takes: time.Minute}, func(t *testing.T, w *world) {
		start := time.Now()
		w.create(t, newJob())
		if _, err := w.PauseJob(w.as(t, admin), &schedulerpb.PauseJobRequest{Name: jobName}); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second while the first is under way
			sleep(time.Second)
			if _, err := w.RunJob(w.as(t, runner), &schedulerpb.RunJobRequest{Name: jobName}); err != nil {
				t.Fatal(err)
			}
		}
		sleep(time.Second)
		if diff := cmp.Diff([]time.Duration{time.Second, 2 * time.Second}, w.after(start)); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		if got := w.attempts()[1].Header.Get("X-CloudScheduler-ScheduleTime"); got != "2000-01-01T00:00:02Z" {
			t.Errorf("got schedule time %s, want when it was asked for", got)
		}
		if job := w.get(t); job.GetState() != schedulerpb.Job_PAUSED || job.GetScheduleTime() != nil {
			t.Errorf("got %v, want a paused job without a next time", job)
		}
	})
}

// As Google says: execution n+1 does not begin until execution n has ended.
func TestExecutionsByTheScheduleWaitForEachOther(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{takes: 90 * time.Minute}, func(t *testing.T, w *world) {
		start := time.Now()
		w.create(t, newJob())
		sleep(4 * time.Hour)
		if diff := cmp.Diff([]time.Duration{time.Hour, 150 * time.Minute, 4 * time.Hour}, w.after(start)); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
	})
}

func TestAdvanceMakesUpOnceForAllThatIsMissed(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{clock: clock.New(0)}, func(t *testing.T, w *world) {
		w.create(t, newJob())
		w.targets.clock.Advance(24*time.Hour + time.Minute)
		synctest.Wait()
		if n := len(w.attempts()); n != 1 {
			t.Fatalf("got %d attempts, want 1", n)
		}
		if got := w.get(t).GetScheduleTime().AsTime().Format(time.DateTime); got != "2000-01-02 01:00:00" {
			t.Errorf("the next is at %s, want the next hour", got)
		}
	})
}

func TestPauseAndResume(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{answer: failing}, func(t *testing.T, w *world) {
		start := time.Now()
		w.create(t, newJob(withRetries(&schedulerpb.RetryConfig{RetryCount: 5, MinBackoffDuration: durationpb.New(time.Minute)})))
		sleep(time.Hour)
		if _, err := w.PauseJob(w.as(t, admin), &schedulerpb.PauseJobRequest{Name: jobName}); err != nil {
			t.Fatal(err)
		}
		sleep(5*time.Hour + 30*time.Minute)
		if _, err := w.ResumeJob(w.as(t, admin), &schedulerpb.ResumeJobRequest{Name: jobName}); err != nil {
			t.Fatal(err)
		}
		sleep(30 * time.Minute)
		if diff := cmp.Diff([]time.Duration{time.Hour, 7 * time.Hour}, w.after(start)); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
	})
}

func TestDeletedDuringAnAttempt(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{takes: time.Minute, answer: failing}, func(t *testing.T, w *world) {
		w.create(t, newJob(withRetries(&schedulerpb.RetryConfig{RetryCount: 5})))
		sleep(time.Hour)
		if _, err := w.DeleteJob(w.as(t, admin), &schedulerpb.DeleteJobRequest{Name: jobName}); err != nil {
			t.Fatal(err)
		}
		sleep(5 * time.Hour)
		if n := len(w.attempts()); n != 1 || w.cutOff != 0 {
			t.Errorf("got %d attempts, %d cut off, want the one to its end", n, w.cutOff)
		}
		if w.restart(t); len(w.files(t)) != 0 {
			t.Errorf("the directory holds %q", w.files(t))
		}
	})
}

func TestUpdatedDuringAnAttempt(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{takes: time.Minute, answer: failing}, func(t *testing.T, w *world) {
		start := time.Now()
		w.create(t, newJob(withRetries(&schedulerpb.RetryConfig{RetryCount: 5})))
		sleep(time.Hour)
		changed := newJob(func(job *schedulerpb.Job) { job.Schedule = "30 * * * *" })
		if _, err := w.UpdateJob(w.as(t, admin), &schedulerpb.UpdateJobRequest{Job: changed, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"schedule"}}}); err != nil {
			t.Fatal(err)
		}
		sleep(25 * time.Minute)
		job := w.get(t)
		if codes.Code(job.GetStatus().GetCode()) != codes.Unavailable || job.GetScheduleTime().AsTime().Sub(start) != 90*time.Minute {
			t.Errorf("got %v, want what became of the attempt, and the new schedule's time", job)
		}
		if n := len(w.attempts()); n != 1 {
			t.Errorf("got %d attempts, want no retry of the job as it was", n)
		}
	})
}

func TestPubSubTarget(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{}, func(t *testing.T, w *world) {
		w.create(t, newJob(func(job *schedulerpb.Job) {
			job.Target = &schedulerpb.Job_PubsubTarget{PubsubTarget: &schedulerpb.PubsubTarget{TopicName: topic, Data: []byte("data"), Attributes: map[string]string{"a": "b"}}}
		}))
		gone := newJob(func(job *schedulerpb.Job) {
			job.Name = location + "/jobs/gone"
			job.Target = &schedulerpb.Job_PubsubTarget{PubsubTarget: &schedulerpb.PubsubTarget{TopicName: topic + "-gone", Data: []byte("data")}}
		})
		w.create(t, gone)
		sleep(time.Hour)
		if want := topic + " data b"; !strings.Contains(strings.Join(w.published, ";"), want) || w.get(t).GetStatus() == nil || w.get(t).GetStatus().GetCode() != 0 {
			t.Errorf("published %q, %v; want %q", w.published, w.get(t).GetStatus(), want)
		}
		got, err := w.GetJob(w.as(t, admin), &schedulerpb.GetJobRequest{Name: gone.GetName()})
		if err != nil || codes.Code(got.GetStatus().GetCode()) != codes.NotFound {
			t.Errorf("got %v, %v, want NOT_FOUND", got.GetStatus(), err)
		}
	})
}
