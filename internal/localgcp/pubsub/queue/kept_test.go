package queue_test

import (
	"slices"
	"testing"
	"time"

	"github.com/authcall/authcall/internal/localgcp/pubsub/queue"
)

func TestExhausted(t *testing.T) {
	t.Parallel()
	s := usual()
	s.MaxAttempts = 2
	w := newWorld(t, s)
	w.publish("", "")
	for attempt := range 2 {
		if got := w.Exhausted(); len(got) != 0 {
			t.Errorf("after %d attempts: got %d exhausted", attempt, len(got))
		}
		w.take(2)
		w.pass(10 * time.Second)
	}
	got := w.Exhausted()
	if len(got) != 2 || got[0].ID != 1 || got[0].Failures != 2 {
		t.Fatalf("got %v, want both with two failures", got)
	}
	w.Drop(1)
	d := w.wants("the one that nobody took out", 2)
	if d[0].Attempt != 3 {
		t.Errorf("got attempt %d, want 3", d[0].Attempt)
	}
	w.pass(10 * time.Second)
	if got := w.Exhausted(); len(got) != 1 || got[0].ID != 2 {
		t.Errorf("after one more failure: got %v, want it again", got)
	}
}

func TestSeek(t *testing.T) {
	t.Parallel()
	for _, keep := range []bool{false, true} {
		s := usual()
		s.KeepAcked = keep
		w := newWorld(t, s)
		start := w.now
		w.publish("")
		w.pass(time.Minute)
		w.publish("")
		w.pass(time.Minute)
		w.publish("")
		for _, d := range w.take(2) {
			w.must(w.Ack(w.now, d.AckID))
		}
		w.Seek(start.Add(time.Minute))
		if keep {
			w.wants("back to the second", 2, 3)
		} else {
			w.wants("back, with nothing kept", 3)
		}
		w.Seek(w.now.Add(time.Hour))
		w.pass(time.Minute)
		w.wants("after all")
	}
}

// A queue made of what was kept goes on where the old one ended.
func TestChangesAreEnoughToGoOn(t *testing.T) {
	t.Parallel()
	s := usual()
	s.MinBackoff, s.MaxBackoff = time.Minute, time.Minute
	w := newWorld(t, s)
	w.publish("", "", "")
	kept := map[int64]queue.Message{}
	keep := func() {
		changed, gone := w.Changes()
		for _, m := range changed {
			kept[m.ID] = m
		}
		for _, id := range gone {
			delete(kept, id)
		}
	}
	keep()
	d := w.take(3)
	w.must(w.Ack(w.now, d[0].AckID))
	w.must(w.Extend(w.now, d[1].AckID, 0))
	keep()
	var messages []queue.Message
	for _, m := range kept {
		messages = append(messages, m)
	}
	w.Queue = queue.New(w.now, s, messages...)
	w.wants("the one that was leased, at once", 3)
	w.must(w.Ack(w.now, d[2].AckID)) // the acknowledgement of before
	w.pass(time.Minute)
	again := w.wants("the one that failed, after its rest", 2)
	if len(again) == 1 && again[0].Attempt != 2 {
		t.Errorf("got attempt %d, want 2", again[0].Attempt)
	}
	if changed, gone := w.Changes(); len(changed) != 0 || !slices.Equal(gone, []int64{3}) {
		t.Errorf("got %v changed and %v gone, want the third gone", changed, gone)
	}
}

func TestClear(t *testing.T) {
	t.Parallel()
	w := newWorld(t, usual())
	w.publish("", "")
	w.Clear()
	w.wants("after all were taken out")
	if _, gone := w.Changes(); !slices.Equal(gone, []int64{1, 2}) {
		t.Errorf("got %v gone, want both", gone)
	}
}

// The clock of a new start may be behind that of the one before.
func TestAClockThatHasGoneBack(t *testing.T) {
	t.Parallel()
	s := usual()
	s.MinBackoff, s.MaxBackoff = time.Minute, time.Hour
	w := newWorld(t, s)
	kept := queue.Message{ID: 1, Content: message(1, w.now, ""), Failures: 2, NotBefore: w.now.Add(week)}
	w.Queue = queue.New(w.now, s, kept)
	w.pass(2*time.Minute - 1)
	w.wants("before the rest after two failures")
	w.pass(1)
	w.wants("after it", 1)
}
