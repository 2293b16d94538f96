package pubsub

import (
	"maps"
	"slices"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/authcall/authcall/internal/localgcp/delivery"
)

// deadly makes a subscription with a dead-letter topic that has a subscription.
func (w *world) deadly(sub *pubsubpb.Subscription) {
	w.t.Helper()
	w.topic(deadName)
	sub.DeadLetterPolicy = &pubsubpb.DeadLetterPolicy{DeadLetterTopic: deadName}
	w.subscribe(sub)
	if _, err := w.CreateSubscription(w.ctx, &pubsubpb.Subscription{Name: deadSub, Topic: deadName}); err != nil {
		w.t.Fatal(err)
	}
}

// mayBury gives the service agent what it needs to forward messages.
func (w *world) mayBury() {
	w.t.Helper()
	w.grant(deadName, "roles/pubsub.publisher", "serviceAccount:"+agentEmail())
	w.grant(subName, "roles/pubsub.subscriber", "serviceAccount:"+agentEmail())
}

func attempts(requests []delivery.Request) []int {
	var all []int
	for _, r := range requests {
		all = append(all, r.Attempt)
	}
	return all
}

func TestDeadLetter(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoint.answers(500)
		w.deadly(&pubsubpb.Subscription{PushConfig: pushTo(endpoint)})
		w.mayBury()
		published := w.clock.Now().UTC().Truncate(time.Millisecond)
		answer, err := w.Publish(w.ctx, &pubsubpb.PublishRequest{Topic: topicName, Messages: []*pubsubpb.PubsubMessage{
			{Data: []byte("a"), Attributes: map[string]string{"own": "kept"}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		for range 60 {
			w.pass(time.Minute)
		}
		if got := attempts(w.endpoint.taken()); !slices.Equal(got, []int{1, 2, 3, 4, 5}) {
			t.Errorf("got attempts %v, want five", got)
		}
		dead := w.pull(deadSub)
		if len(dead) != 1 || string(dead[0].GetMessage().GetData()) != "a" || dead[0].GetMessage().GetMessageId() == answer.GetMessageIds()[0] {
			t.Fatalf("got %v, want the message under another id", dead)
		}
		want := map[string]string{
			"own": "kept", "CloudPubSubDeadLetterSourceDeliveryCount": "5", "CloudPubSubDeadLetterSourceSubscription": "reader",
			"CloudPubSubDeadLetterSourceSubscriptionProject": "local-project",
			"CloudPubSubDeadLetterSourceTopicPublishTime":    published.Format(time.RFC3339Nano),
		}
		if got := dead[0].GetMessage().GetAttributes(); !maps.Equal(got, want) {
			t.Errorf("got attributes %v, want %v", got, want)
		}
	})
}

func TestDeadLetterNeedsBothRights(t *testing.T) {
	t.Parallel()
	for name, rights := range map[string]struct{ resource, role string }{
		"no publisher":  {subName, "roles/pubsub.subscriber"},
		"no subscriber": {deadName, "roles/pubsub.publisher"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.endpoint.answers(500)
				w.deadly(&pubsubpb.Subscription{PushConfig: pushTo(endpoint)})
				w.grant(rights.resource, rights.role, "serviceAccount:"+agentEmail())
				w.publish("a")
				for range 8 {
					w.pass(time.Minute)
				}
				if got := attempts(w.endpoint.taken()); len(got) != 9 || got[8] != 9 {
					t.Errorf("got attempts %v, want that it is tried on", got)
				}
				if dead := w.pull(deadSub); len(dead) != 0 {
					t.Errorf("got %v in the dead-letter topic", dead)
				}
				w.mayBury()
				w.pass(time.Minute)
				if dead := w.pull(deadSub); len(dead) != 1 {
					t.Errorf("got %d dead messages with both rights, want one", len(dead))
				}
			})
		})
	}
}

func TestDeadLetterOfAPull(t *testing.T) {
	inWorld(t, func(w *world) {
		w.deadly(&pubsubpb.Subscription{})
		w.mayBury()
		w.publish("a")
		for attempt := range int32(5) {
			got := w.wants("each time", "a")
			if len(got) == 1 && got[0].GetDeliveryAttempt() != attempt+1 {
				t.Errorf("got attempt %d, want %d", got[0].GetDeliveryAttempt(), attempt+1)
			}
			if attempt%2 == 0 {
				w.pass(10 * time.Second) // too late
			} else {
				w.nack(got)
			}
		}
		w.wants("after the last attempt")
		if dead := w.pull(deadSub); len(dead) != 1 {
			t.Errorf("got %d dead messages, want one", len(dead))
		}
	})
}

func (w *world) nack(received []*pubsubpb.ReceivedMessage) {
	w.t.Helper()
	if _, err := w.ModifyAckDeadline(w.ctx, &pubsubpb.ModifyAckDeadlineRequest{Subscription: subName, AckIds: ackIDs(received)}); err != nil {
		w.t.Error(err)
	}
}

func (w *world) ack(received []*pubsubpb.ReceivedMessage) {
	w.t.Helper()
	if _, err := w.Acknowledge(w.ctx, &pubsubpb.AcknowledgeRequest{Subscription: subName, AckIds: ackIDs(received)}); err != nil {
		w.t.Error(err)
	}
}

func ackIDs(received []*pubsubpb.ReceivedMessage) []string {
	var ids []string
	for _, m := range received {
		ids = append(ids, m.GetAckId())
	}
	return ids
}

// Where the topic is deleted, nothing can be forwarded and nothing is lost.
func TestDeadLetterTopicIsGone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoint.answers(500)
		w.deadly(&pubsubpb.Subscription{PushConfig: pushTo(endpoint)})
		w.grant(project, "roles/pubsub.editor", "serviceAccount:"+agentEmail())
		if _, err := w.DeleteTopic(w.ctx, &pubsubpb.DeleteTopicRequest{Topic: deadName}); err != nil {
			t.Fatal(err)
		}
		w.publish("a")
		for range 8 {
			w.pass(time.Minute)
		}
		if got := len(w.endpoint.taken()); got != 9 {
			t.Errorf("got %d requests, want that it is tried on", got)
		}
		update := &pubsubpb.UpdateSubscriptionRequest{
			Subscription: &pubsubpb.Subscription{Name: subName}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"dead_letter_policy"}},
		}
		if _, err := w.UpdateSubscription(w.ctx, update); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Minute)
		if got := len(w.endpoint.taken()); got == 0 {
			t.Error("without a dead-letter policy: it is not tried on")
		}
	})
}
