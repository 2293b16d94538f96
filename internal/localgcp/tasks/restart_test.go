package tasks_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/tasks"
)

func TestAQueueAndItsTasksSurviveARestart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{answer: failing(2, http.StatusNotFound)})
		w.queue(t, &cloudtaskspb.Queue{RetryConfig: &cloudtaskspb.RetryConfig{MaxAttempts: 5}})
		w.task(t, "failed")
		pause(150 * time.Millisecond) // two attempts
		w.task(t, "waits", anHour)
		before, err := w.get(t, "failed")
		if err != nil {
			t.Fatal(err)
		}
		w.restart(t)
		after, err := w.get(t, "failed")
		if diff := cmp.Diff(before, after, protocmp.Transform()); err != nil || diff != "" {
			t.Errorf("%v (-before +after):\n%s", err, diff)
		}
		pause(2 * time.Hour)
		made := w.attempts()
		if len(made) != 4 {
			t.Fatalf("got %d attempts, want two and two more", len(made))
		}
		if h := made[2].Header; h.Get("X-CloudTasks-TaskRetryCount") != "2" || h.Get("X-CloudTasks-TaskExecutionCount") != "2" || h.Get("X-CloudTasks-TaskPreviousResponse") != "404" {
			t.Errorf("after the restart: got %v, want the third attempt", h)
		}
		w.restart(t)
		pause(2 * time.Hour)
		if len(w.attempts()) != 4 {
			t.Errorf("got %d attempts, want none of what is done", len(w.attempts()))
		}
	})
}

func TestAPausedQueueStaysPaused(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		w.queue(t, &cloudtaskspb.Queue{})
		if _, err := w.PauseQueue(w.as(t, admin), &cloudtaskspb.PauseQueueRequest{Name: queueName}); err != nil {
			t.Fatal(err)
		}
		w.task(t, "waits")
		w.restart(t)
		pause(time.Hour)
		if made := w.attempts(); len(made) != 0 {
			t.Errorf("got %v from a paused queue", made)
		}
	})
}

func TestARequestUnderWayMayEndWhenTheServerStops(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		target := &targets{hold: make(chan struct{})}
		w := newWorld(t, target)
		w.queue(t, &cloudtaskspb.Queue{})
		w.task(t, "slow")
		settle()
		time.AfterFunc(time.Second, func() { close(target.hold) })
		w.restart(t)
		pause(time.Hour)
		if made := w.attempts(); len(made) != 1 {
			t.Errorf("got %d attempts, want that the one was let end", len(made))
		}
	})
}

func TestARequestThatIsCutOffIsMadeAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		target := &targets{hold: make(chan struct{})}
		w := newWorld(t, target)
		w.queue(t, &cloudtaskspb.Queue{RetryConfig: &cloudtaskspb.RetryConfig{MaxAttempts: 1}})
		w.task(t, "stuck")
		settle()
		begun := time.Now()
		w.Close()
		if took := time.Since(begun); took != 2*time.Second {
			t.Errorf("closing took %v, want it to wait for 2s", took)
		}
		close(target.hold)
		w.start(t)
		settle()
		if made := w.attempts(); len(made) != 2 || made[1].Header.Get("X-CloudTasks-TaskRetryCount") != "0" {
			t.Errorf("got %v, want it again, as if nothing had been", made)
		}
	})
}

func TestABrokenFileIsTold(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		w.queue(t, &cloudtaskspb.Queue{})
		w.task(t, "waits", anHour)
		w.Close()
		files, err := filepath.Glob(filepath.Join(w.dir, "*", "tasks", "*.json"))
		if err != nil || len(files) != 1 {
			t.Fatalf("got %q, %v, want the task's file", files, err)
		}
		if err := os.WriteFile(files[0], []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := tasks.New(tasks.Options{Dir: w.dir, Clock: w.clock, Policy: w.directory, Deliver: w.targets}); err == nil {
			t.Error("got no error")
		}
		w.Close() // a second time does nothing
	})
}

// Many tasks are sent at the highest rate, each of them once.
func TestManyTasks(t *testing.T) {
	if testing.Short() {
		t.Skip("writes many files")
	}
	inBubble(t, func(t *testing.T) {
		const many = 2_000
		w := newWorld(t, &targets{answer: func(n int, _ delivery.Request) delivery.Result {
			return delivery.Result{Status: []int{200, 200, 204, 201}[n%4]}
		}})
		w.queue(t, &cloudtaskspb.Queue{})
		for i := range many {
			w.task(t, fmt.Sprint(i))
		}
		start := time.Now()
		pause(30 * time.Second)
		seen := map[string]int{}
		for _, m := range w.attempts() {
			seen[m.URL]++
		}
		for url, times := range seen {
			if times != 1 {
				t.Errorf("%s was sent %d times", url, times)
			}
		}
		if len(seen) != many {
			t.Errorf("got %d tasks, want %d", len(seen), many)
		}
		made := w.attempts()
		if took := made[len(made)-1].at.Sub(start); took < 3*time.Second || took > 4*time.Second {
			t.Errorf("it took %v, want 500 a second after a burst of 100", took)
		}
	})
}
