package scheduler_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/authcall/authcall/internal/localgcp/clock"
)

func (w *world) files(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, filepath.Join(w.dir, e.Name()))
	}
	return names
}

func TestJobsAreKept(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{answer: failing}, func(t *testing.T, w *world) {
		start := time.Now()
		w.create(t, newJob())
		sleep(time.Hour)
		before := w.get(t)
		w.restart(t)
		if after := w.get(t); !proto.Equal(before, after) {
			t.Errorf("got %v after the restart, want %v", after, before)
		}
		sleep(time.Hour)
		if diff := cmp.Diff([]time.Duration{time.Hour, 2 * time.Hour}, w.after(start)); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
	})
}

func TestAMissedTimeIsMadeUpForOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{}, func(t *testing.T, w *world) {
		start := time.Now()
		w.create(t, newJob())
		w.Close()
		sleep(5*time.Hour + time.Minute)
		w.start(t)
		sleep(time.Hour)
		if diff := cmp.Diff([]time.Duration{5*time.Hour + time.Minute, 6 * time.Hour}, w.after(start)); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		if got := w.attempts()[0].Header.Get("X-CloudScheduler-ScheduleTime"); got != "2000-01-01T01:00:00Z" {
			t.Errorf("the first is for %s, want the missed time", got)
		}
	})
}

func TestAPausedJobMissesNothing(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{}, func(t *testing.T, w *world) {
		w.create(t, newJob())
		if _, err := w.PauseJob(w.as(t, admin), &schedulerpb.PauseJobRequest{Name: jobName}); err != nil {
			t.Fatal(err)
		}
		w.Close()
		sleep(5 * time.Hour)
		w.start(t)
		sleep(5 * time.Hour)
		if got := w.attempts(); len(got) != 0 || w.get(t).GetState() != schedulerpb.Job_PAUSED {
			t.Errorf("got %d attempts in state %v, want none of a paused job", len(got), w.get(t).GetState())
		}
	})
}

// At least once: an attempt that was cut off has no outcome, so it is made again.
func TestACutOffAttemptIsMadeAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{takes: time.Minute}, func(t *testing.T, w *world) {
		start := time.Now()
		w.create(t, newJob())
		sleep(time.Hour + time.Second)
		w.restart(t)
		if w.cutOff != 1 || w.get(t).GetStatus() != nil {
			t.Errorf("%d attempts cut off, status %v; want 1 and none", w.cutOff, w.get(t).GetStatus())
		}
		sleep(2 * time.Minute)
		if diff := cmp.Diff([]time.Duration{time.Hour, time.Hour + time.Second}, w.after(start)); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		if w.get(t).GetStatus() == nil {
			t.Error("the second attempt has no outcome")
		}
	})
}

// A receiver knows the tries of one execution by its scheduled time, whatever comes
// between them.
func TestARetryAfterARestartIsOfTheSameExecution(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{answer: failing}, func(t *testing.T, w *world) {
		start := time.Now()
		w.create(t, newJob(withRetries(&schedulerpb.RetryConfig{RetryCount: 1, MinBackoffDuration: durationpb.New(10 * time.Minute)})))
		sleep(time.Hour + time.Minute)
		w.restart(t)
		sleep(time.Hour)
		want := map[time.Duration]string{
			time.Hour: "2000-01-01T01:00:00Z", 70 * time.Minute: "2000-01-01T01:00:00Z", 80 * time.Minute: "2000-01-01T01:00:00Z", 2 * time.Hour: "2000-01-01T02:00:00Z",
		}
		got := map[time.Duration]string{}
		for _, a := range w.attempts() {
			got[a.at.Sub(start)] = a.Header.Get("X-CloudScheduler-ScheduleTime")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
	})
}

// The clock begins anew at a restart, so that a kept time may be far away.
func TestTheClockOfBeforeWasAhead(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{clock: clock.New(0)}, func(t *testing.T, w *world) {
		start := time.Now()
		w.create(t, newJob())
		w.targets.clock.Advance(100 * time.Hour)
		synctest.Wait()
		w.Close()
		w.targets.clock = clock.New(0)
		w.start(t)
		if got := w.get(t).GetScheduleTime().AsTime().Sub(start); got != time.Hour {
			t.Errorf("the next is in %v, want 1h", got)
		}
	})
}

func TestABrokenFileIsLeftOut(t *testing.T) {
	t.Parallel()
	inBubble(t, &targets{}, func(t *testing.T, w *world) {
		w.create(t, newJob())
		w.Close()
		for name, text := range map[string]string{"a.json": "{", "b.json": `{"job": {"name": "x"}}`, "c.txt": "{"} {
			if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		w.start(t)
		w.get(t)
		for name, told := range map[string]bool{"a.json": true, "b.json": true, "c.txt": false} {
			if got := strings.Contains(w.log.String(), name); got != told {
				t.Errorf("the log tells of %s: %v, want %v: %s", name, got, told, w.log)
			}
		}
	})
}
