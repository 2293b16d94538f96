package queue_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/authcall/authcall/internal/localgcp/pubsub/queue"
)

const week = 7 * 24 * time.Hour

func usual() queue.Settings {
	return queue.Settings{AckDeadline: 10 * time.Second, Retention: week}
}

// world is a queue and its time.
type world struct {
	*queue.Queue
	t    *testing.T
	now  time.Time
	last int64
}

func newWorld(t *testing.T, s queue.Settings) *world {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return &world{Queue: queue.New(now, s), t: t, now: now}
}

func (w *world) publish(keys ...string) {
	for _, key := range keys {
		w.last++
		w.Add(w.last, message(w.last, w.now, key))
	}
}

func message(id int64, published time.Time, key string) *pubsubpb.PubsubMessage {
	return &pubsubpb.PubsubMessage{
		MessageId: strconv.FormatInt(id, 10), Data: []byte("0123456789"), OrderingKey: key, PublishTime: timestamppb.New(published),
	}
}

func (w *world) pass(d time.Duration) {
	w.now = w.now.Add(d)
	w.Expire(w.now)
}

func (w *world) take(messages int) []queue.Delivery {
	return w.Take(w.now, queue.Limit{Messages: messages})
}

// wants takes all and compares the ids.
func (w *world) wants(when string, ids ...int64) []queue.Delivery {
	w.t.Helper()
	taken := w.take(100)
	if got := idsOf(taken); !slices.Equal(got, ids) {
		w.t.Errorf("%s: took %v, want %v", when, got, ids)
	}
	return taken
}

func idsOf(taken []queue.Delivery) []int64 {
	var ids []int64
	for _, d := range taken {
		ids = append(ids, d.ID)
	}
	return ids
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Error(err)
	}
}

func TestAMessageIsLeasedUntilItsDeadline(t *testing.T) {
	t.Parallel()
	w := newWorld(t, usual())
	w.publish("", "")
	first := w.wants("at first", 1, 2)
	w.wants("while leased")
	w.must(w.Ack(w.now, first[0].AckID))
	w.must(w.Extend(w.now, first[1].AckID, 30*time.Second))
	w.pass(29 * time.Second)
	w.wants("while extended")
	w.pass(time.Second)
	again := w.wants("after the deadline", 2)
	if again[0].Attempt != 2 || again[0].AckID == first[1].AckID {
		t.Errorf("got attempt %d with the ack id %s, want 2 with another", again[0].Attempt, again[0].AckID)
	}
	w.must(w.Ack(w.now, first[1].AckID)) // late, and taken
	w.pass(time.Minute)
	w.wants("after a late acknowledgement")
}

func TestLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, usual())
	w.publish("", "", "", "")
	if got := idsOf(w.take(1)); !slices.Equal(got, []int64{1}) {
		t.Errorf("of one message: got %v", got)
	}
	if got := w.Take(w.now, queue.Limit{Messages: 9, Bytes: 5}); len(got) != 1 {
		t.Errorf("of few bytes: got %d messages, want the one", len(got))
	}
	if got := w.Take(w.now, queue.Limit{Messages: 1, Lease: time.Minute}); len(got) != 1 {
		t.Errorf("got %d messages, want one", len(got))
	}
	w.Take(w.now, queue.Limit{Messages: 1, Hold: true})
	w.pass(11 * time.Second)
	w.wants("after the queue's deadline", 1, 2)
	w.pass(time.Hour)
	w.wants("after the longer lease", 1, 2, 3)
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	s := usual()
	s.MinBackoff, s.MaxBackoff = 10*time.Second, 35*time.Second
	w := newWorld(t, s)
	w.publish("")
	for _, rest := range []time.Duration{10, 20, 35, 35} {
		d := w.wants("after the rest", 1)
		w.must(w.Extend(w.now, d[0].AckID, 0))
		if at, ok := w.Next(w.now); !ok || at.Sub(w.now) != rest*time.Second {
			t.Errorf("got a change in %s, want in %ds", at.Sub(w.now), rest)
		}
		w.pass(rest*time.Second - 1)
		w.wants("before its end")
		w.pass(1)
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	w := newWorld(t, usual())
	if _, ok := w.Next(w.now); ok {
		t.Error("an empty queue will change")
	}
	w.publish("", "")
	if at, ok := w.Next(w.now); !ok || at.Sub(w.now) != week {
		t.Errorf("got %s, want the end of the retention", at)
	}
	d := w.take(1)
	if at, ok := w.Next(w.now); !ok || at.Sub(w.now) != 10*time.Second {
		t.Errorf("got %s, want the end of the lease", at)
	}
	w.must(w.Ack(w.now, d[0].AckID))
	w.Take(w.now, queue.Limit{Messages: 1, Hold: true})
	if at, ok := w.Next(w.now); !ok || at.Sub(w.now) != week {
		t.Errorf("got %s, want the end of the retention, as the message is held", at)
	}
}

func TestOldMessagesGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, usual())
	w.publish("")
	w.pass(week / 2)
	w.publish("")
	w.pass(week / 2)
	w.wants("after the first's retention", 2)
	if _, gone := w.Changes(); !slices.Equal(gone, []int64{1}) {
		t.Errorf("got %v gone, want the first", gone)
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	s := usual()
	s.Ordered = true
	w := newWorld(t, s)
	w.publish("a", "b", "a", "")
	first := w.take(2)
	w.wants("while the first of a is out", 4)
	w.must(w.Ack(w.now, first[0].AckID))
	second := w.wants("when the first of a is done", 3)
	w.publish("a")
	w.must(w.Extend(w.now, second[0].AckID, 0))
	both := w.wants("after a failure, in order", 3, 5)
	w.must(w.Extend(w.now, both[0].AckID, 0))
	w.must(w.Extend(w.now, both[1].AckID, time.Minute)) // it went back with the other
	both = w.wants("after the first of them failed", 3, 5)
	w.must(w.Extend(w.now, both[0].AckID, 0))
	if got := w.Take(w.now, queue.Limit{Messages: 9, OneOfAKey: true}); !slices.Equal(idsOf(got), []int64{3}) {
		t.Errorf("one of a key: got %v, want the first of a", idsOf(got))
	}
}

func TestExactlyOnce(t *testing.T) {
	t.Parallel()
	s := usual()
	s.ExactlyOnce = true
	w := newWorld(t, s)
	w.publish("")
	old := w.wants("at first", 1)[0].AckID
	w.pass(10 * time.Second)
	fresh := w.wants("again", 1)[0].AckID
	for _, err := range []error{w.Ack(w.now, old), w.Extend(w.now, old, time.Second)} {
		if !errors.Is(err, queue.ErrExpired) {
			t.Errorf("with the old lease: got %v, want ErrExpired", err)
		}
	}
	w.must(w.Ack(w.now, fresh))
	if err := w.Ack(w.now, fresh); !errors.Is(err, queue.ErrExpired) {
		t.Errorf("a second time: got %v, want ErrExpired", err)
	}
}

func TestAckIDsThatAreNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, usual())
	for _, id := range []string{"", "x", "!", "AAAAAAAAAAAAAAAAAAAAAA", "_____________________w"} {
		if err := w.Ack(w.now, id); !errors.Is(err, queue.ErrAckID) {
			t.Errorf("%q: got %v, want ErrAckID", id, err)
		}
	}
}

func FuzzAckID(f *testing.F) {
	f.Add("AAAAAAAAAAEAAAAAAAAAAQ")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, id string) {
		q := queue.New(time.Time{}, usual())
		if err := q.Ack(time.Time{}, id); err != nil && !errors.Is(err, queue.ErrAckID) {
			t.Errorf("got %v, want none or ErrAckID", err)
		}
	})
}
