package tasks_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

func TestATaskIsSentOnceAndIsGone(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		w.queue(t, &cloudtaskspb.Queue{})
		w.task(t, "one")
		settle()
		made := w.attempts()
		if len(made) != 1 || made[0].URL != "https://target.example/one" || string(made[0].Body) != "body" || made[0].Header.Get("X-CloudTasks-TaskName") != "one" {
			t.Fatalf("got %v, want the task's request", made)
		}
		_, err := w.get(t, "one")
		wantCode(t, "afterwards", err, codes.NotFound, "The task no longer exists, though a task with this name existed recently.")
		pause(24 * time.Hour)
		if len(w.attempts()) != 1 {
			t.Errorf("it was sent again: %v", w.attempts())
		}
	})
}

func TestATaskWaitsForItsTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		w.queue(t, &cloudtaskspb.Queue{})
		due := time.Now().Add(48 * time.Hour)
		w.task(t, "later", func(task *cloudtaskspb.Task) { task.ScheduleTime = timestamppb.New(due) })
		w.task(t, "sooner", func(task *cloudtaskspb.Task) { task.ScheduleTime = timestamppb.New(due.Add(-time.Hour)) })
		pause(47*time.Hour - time.Nanosecond)
		settle()
		if len(w.attempts()) != 0 {
			t.Errorf("got %v before their times", w.attempts())
		}
		pause(2 * time.Hour)
		if made := w.attempts(); len(made) != 2 || !made[0].at.Equal(due.Add(-time.Hour)) || !made[1].at.Equal(due) {
			t.Errorf("got %v, want both at their times", made)
		}
	})
}

func TestTheClockBringsTasksOut(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		w.queue(t, &cloudtaskspb.Queue{})
		start := time.Now()
		w.task(t, "later", func(task *cloudtaskspb.Task) { task.ScheduleTime = timestamppb.New(start.Add(time.Hour)) })
		settle()
		w.clock.Advance(time.Hour)
		settle()
		if made := w.attempts(); len(made) != 1 || !made[0].at.Equal(start) {
			t.Errorf("got %v, want it at once", made)
		}
	})
}

// The headers are those that Cloud Tasks was seen to send after the same answers.
func TestRetries(t *testing.T) {
	answers := []int{503, 404, 429, 500, 302, 200}
	want := []struct {
		retries, executions, previous string
		wait                          time.Duration
	}{
		{"0", "0", "", 0},
		{"1", "0", "503", time.Second},
		{"2", "1", "404", 2 * time.Second},
		{"3", "2", "429", 4 * time.Second},
		{"4", "2", "500", 5 * time.Second},
		{"5", "3", "302", 5 * time.Second},
	}
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{answer: func(n int, _ delivery.Request) delivery.Result { return delivery.Result{Status: answers[n]} }})
		w.queue(t, &cloudtaskspb.Queue{RetryConfig: &cloudtaskspb.RetryConfig{
			MinBackoff: durationpb.New(time.Second), MaxBackoff: durationpb.New(5 * time.Second),
		}})
		w.task(t, "again")
		pause(time.Hour)
		made := w.attempts()
		if len(made) != len(want) {
			t.Fatalf("got %d attempts, want %d", len(made), len(want))
		}
		for i, m := range made {
			_, reason := m.Header["X-Cloudtasks-Taskretryreason"]
			if m.Header.Get("X-CloudTasks-TaskRetryCount") != want[i].retries || m.Header.Get("X-CloudTasks-TaskExecutionCount") != want[i].executions ||
				m.Header.Get("X-CloudTasks-TaskPreviousResponse") != want[i].previous || reason != (i > 0) {
				t.Errorf("attempt %d: got %v, want %+v", i, m.Header, want[i])
			}
			if i > 0 && m.at.Sub(made[i-1].at) != want[i].wait {
				t.Errorf("attempt %d came after %v, want %v", i, m.at.Sub(made[i-1].at), want[i].wait)
			}
		}
	})
}

func TestRetryAfterIsWaitedFor(t *testing.T) {
	tests := []struct {
		status int
		want   time.Duration
	}{
		{http.StatusServiceUnavailable, 2 * time.Minute},
		{http.StatusTooManyRequests, 2 * time.Minute},
		{http.StatusInternalServerError, 100 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.status), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				w := newWorld(t, &targets{answer: func(n int, _ delivery.Request) delivery.Result {
					return [...]delivery.Result{{Status: tt.status, RetryAfter: 2 * time.Minute}, {Status: http.StatusNoContent}}[n]
				}})
				w.queue(t, &cloudtaskspb.Queue{})
				w.task(t, "again")
				pause(time.Hour)
				made := w.attempts()
				if len(made) != 2 || made[1].at.Sub(made[0].at) != tt.want {
					t.Errorf("got %v, want a second attempt after %v", made, tt.want)
				}
			})
		})
	}
}

func TestATaskIsGivenUp(t *testing.T) {
	tests := []struct {
		name        string
		queue, task *cloudtaskspb.RetryConfig
		want        int
	}{
		{"after its attempts", &cloudtaskspb.RetryConfig{MaxAttempts: 3}, nil, 3},
		{"after the task's own", &cloudtaskspb.RetryConfig{MaxAttempts: 3}, &cloudtaskspb.RetryConfig{MaxAttempts: 2}, 2},
		{"after its time", &cloudtaskspb.RetryConfig{MaxAttempts: -1, MaxRetryDuration: durationpb.New(10 * time.Second),
			MinBackoff: durationpb.New(4 * time.Second), MaxBackoff: durationpb.New(4 * time.Second)}, nil, 4},
		{"by default", nil, nil, 100},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				w := newWorld(t, &targets{answer: failing(1000, http.StatusInternalServerError)})
				w.queue(t, &cloudtaskspb.Queue{RetryConfig: tt.queue})
				w.task(t, "vain", func(task *cloudtaskspb.Task) { task.RetryConfig = tt.task })
				pause(20 * 24 * time.Hour)
				if got := len(w.attempts()); got != tt.want {
					t.Errorf("got %d attempts, want %d", got, tt.want)
				}
				_, err := w.get(t, "vain")
				wantCode(t, "afterwards", err, codes.NotFound, "")
			})
		})
	}
}

func TestATaskLivesAMonthAtMost(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{answer: failing(1<<20, http.StatusInternalServerError)})
		w.queue(t, &cloudtaskspb.Queue{RetryConfig: &cloudtaskspb.RetryConfig{MaxAttempts: -1}})
		start := time.Now()
		w.task(t, "old")
		pause(40 * 24 * time.Hour)
		made := w.attempts()
		if last := made[len(made)-1].at.Sub(start); last > 31*24*time.Hour || last < 30*24*time.Hour {
			t.Errorf("the last attempt came after %v, want it until 31 days", last)
		}
	})
}

func TestWhatAnAttemptShows(t *testing.T) {
	tests := []struct {
		name      string
		result    delivery.Result
		code      codes.Code
		message   string
		responses int32
	}{
		{"answer", delivery.Result{Status: 503}, codes.Unavailable, "UNAVAILABLE(14): HTTP status code 503", 1},
		{"refusal", delivery.Result{Status: 403}, codes.PermissionDenied, "PERMISSION_DENIED(7): HTTP status code 403", 1},
		{"deadline", delivery.Result{Err: delivery.ErrDeadline}, codes.DeadlineExceeded, "DEADLINE_EXCEEDED(4): the deadline is exceeded", 0},
		{"not reached", delivery.Result{Err: errors.New("no route")}, codes.Unavailable, "UNAVAILABLE(14): no route", 0},
		{"no token", delivery.Result{Err: &serviceagent.Denied{Permission: "p", ServiceAccount: robot}}, codes.PermissionDenied, "PERMISSION_DENIED(7): service agent", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				w := newWorld(t, &targets{answer: func(int, delivery.Request) delivery.Result { return tt.result }})
				w.queue(t, &cloudtaskspb.Queue{RetryConfig: &cloudtaskspb.RetryConfig{MinBackoff: durationpb.New(time.Minute)}})
				start := time.Now()
				w.task(t, "seen")
				settle()
				got, err := w.get(t, "seen")
				if err != nil {
					t.Fatal(err)
				}
				last := got.GetLastAttempt()
				if got.GetDispatchCount() != 1 || got.GetResponseCount() != tt.responses || !got.GetFirstAttempt().GetDispatchTime().AsTime().Equal(start) ||
					!last.GetDispatchTime().AsTime().Equal(start) || !last.GetResponseTime().AsTime().Equal(start) {
					t.Errorf("got %v, want one attempt now", got)
				}
				if s := last.GetResponseStatus(); codes.Code(s.GetCode()) != tt.code || len(s.GetMessage()) < len(tt.message) || s.GetMessage()[:len(tt.message)] != tt.message { //nolint:gosec // codes are small
					t.Errorf("got status %v, want %s", s, tt.message)
				}
				if due := got.GetScheduleTime().AsTime().Sub(start); due != time.Minute {
					t.Errorf("the next attempt is in %v, want a minute", due)
				}
			})
		})
	}
}

func TestADeadlineIsToldAsATimeout(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{answer: func(n int, _ delivery.Request) delivery.Result {
			return [...]delivery.Result{{Err: delivery.ErrDeadline}, {Status: 200}}[n]
		}})
		w.queue(t, &cloudtaskspb.Queue{})
		w.task(t, "slow")
		pause(time.Minute)
		if made := w.attempts(); len(made) != 2 || made[1].Header.Get("X-CloudTasks-TaskPreviousResponse") != "504" {
			t.Errorf("got %v, want a second attempt after a 504", made)
		}
	})
}

func TestRateAndConcurrency(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		w.queue(t, &cloudtaskspb.Queue{RateLimits: &cloudtaskspb.RateLimits{MaxDispatchesPerSecond: 2}})
		start := time.Now()
		for i := range 30 {
			w.task(t, fmt.Sprint(i))
		}
		settle()
		if got := len(w.attempts()); got != 10 {
			t.Errorf("got %d at once, want the burst of 10", got)
		}
		pause(time.Minute)
		made := w.attempts()
		if last := made[len(made)-1].at.Sub(start); len(made) != 30 || last < 10*time.Second || last > 10*time.Second+time.Microsecond {
			t.Errorf("got %d, the last after %v, want 30 in 10s", len(made), last)
		}
	})
}

func TestNoMoreAreUnderWayThanMayBe(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		target := &targets{hold: make(chan struct{})}
		w := newWorld(t, target)
		w.queue(t, &cloudtaskspb.Queue{RateLimits: &cloudtaskspb.RateLimits{MaxConcurrentDispatches: 3}})
		for i := range 5 {
			w.task(t, fmt.Sprint(i))
		}
		pause(time.Minute)
		if got := len(w.attempts()); got != 3 {
			t.Errorf("got %d under way, want 3", got)
		}
		close(target.hold)
		pause(time.Minute)
		if got := len(w.attempts()); got != 5 {
			t.Errorf("got %d, want all", got)
		}
	})
}
