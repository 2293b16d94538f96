package pubsub

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
)

func TestPushesGoOnAfterARestart(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoint.answers(500)
		w.subscribe(&pubsubpb.Subscription{PushConfig: pushTo(endpoint), RetryPolicy: &pubsubpb.RetryPolicy{}})
		w.publish("a")
		w.endpoint.taken()
		w.restart()
		if got := len(w.endpoint.taken()); got != 0 {
			t.Errorf("got %d requests, want none before the message's rest is over", got)
		}
		w.endpoint.answers(200)
		w.pass(10 * time.Second)
		if got := w.endpoint.taken(); len(got) != 1 || got[0].Attempt != 2 || dataOf(t, got[0]) != "a" {
			t.Errorf("got %v, want the second attempt", got)
		}
		w.restart()
		w.pass(time.Hour)
		if got := len(w.endpoint.taken()); got != 0 {
			t.Errorf("got %d requests for an acknowledged message", got)
		}
	})
}

// A request that the end cuts off is no attempt.
func TestPushUnderWayAtTheEnd(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoint.held = make(chan struct{})
		w.subscribe(&pubsubpb.Subscription{PushConfig: pushTo(endpoint)})
		w.publish("a")
		w.endpoint.taken()
		w.restart()
		close(w.endpoint.held)
		if got := w.endpoint.taken(); len(got) != 1 || got[0].Attempt != 1 {
			t.Errorf("got %v, want the first attempt once more", got)
		}
	})
}

func TestStateSurvivesARestart(t *testing.T) {
	inWorld(t, func(w *world) {
		made := w.subscribe(&pubsubpb.Subscription{Labels: map[string]string{"a": "b"}, RetainAckedMessages: true})
		first := w.publish("a", "b")
		w.ack(w.pull(subName)[:1])
		w.restart()
		got, err := w.GetSubscription(w.ctx, &pubsubpb.GetSubscriptionRequest{Subscription: subName})
		if err != nil || !proto.Equal(got, made) {
			t.Errorf("got %v, %v, want %v", got, err, made)
		}
		w.wants("what was not acknowledged", "b")
		if again := w.publish("c"); again[0] <= first[1] {
			t.Errorf("got id %s, want one after %s", again[0], first[1])
		}
	})
}

func TestUnusedSubscriptionsExpire(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{})
		never := &pubsubpb.Subscription{Name: deadSub, Topic: topicName, ExpirationPolicy: &pubsubpb.ExpirationPolicy{}}
		if _, err := w.CreateSubscription(w.ctx, never); err != nil {
			t.Fatal(err)
		}
		w.pass(30 * day)
		w.wants("which is use") // and so it lives on
		w.pass(30 * day)
		w.restart()
		w.pass(day - time.Second)
		if _, err := w.GetSubscription(w.ctx, &pubsubpb.GetSubscriptionRequest{Subscription: subName}); err != nil {
			t.Errorf("before its time: %v", err)
		}
		w.pass(time.Second)
		_, err := w.GetSubscription(w.ctx, &pubsubpb.GetSubscriptionRequest{Subscription: subName})
		refused(t, err, codes.NotFound, subName)
		if _, err := w.GetSubscription(w.ctx, &pubsubpb.GetSubscriptionRequest{Subscription: deadSub}); err != nil {
			t.Errorf("one that never expires: %v", err)
		}
	})
}

// What cannot be read is left out, and the rest is served.
func TestBrokenFiles(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{})
		ids := w.publish("a", "b")
		w.topic(deadName)
		for _, file := range []string{deadName + ".json", subName + ".messages/" + ids[0] + ".json"} {
			if err := os.WriteFile(filepath.Join(w.dir, filepath.FromSlash(file)), []byte("{"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		w.restart()
		w.wants("of the one that can be read", "b")
		_, err := w.GetTopic(w.ctx, &pubsubpb.GetTopicRequest{Topic: deadName})
		refused(t, err, codes.NotFound, deadName)
	})
}
