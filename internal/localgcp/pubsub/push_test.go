package pubsub

import (
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

func dataOf(t *testing.T, r delivery.Request) string {
	t.Helper()
	var body struct {
		Message      struct{ Data []byte }
		Subscription string
	}
	if err := json.Unmarshal(r.Body, &body); err != nil || body.Subscription != subName {
		t.Fatalf("got %s, %v, want a message of %s", r.Body, err, subName)
	}
	return string(body.Message.Data)
}

func TestAnswersThatAcknowledge(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]bool{
		200: true, 201: true, 202: true, 204: true, 203: false, 206: false, 302: false, 400: false, 403: false, 500: false, 503: false, 0: false,
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.endpoint.answers(code)
				w.subscribe(&pubsubpb.Subscription{PushConfig: pushTo(endpoint)})
				w.publish("a")
				if got := w.endpoint.taken(); len(got) != 1 || dataOf(t, got[0]) != "a" {
					t.Fatalf("got %d requests, want one with the message", len(got))
				}
				w.pass(time.Hour)
				if again := len(w.endpoint.taken()) > 0; again == want {
					t.Errorf("pushed again: %v, want %v", again, !want)
				}
			})
		})
	}
}

// Without a retry policy the whole subscription rests for longer and longer.
func TestPauses(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoint.answers(500)
		w.subscribe(&pubsubpb.Subscription{PushConfig: pushTo(endpoint)})
		w.publish("a")
		for _, pause := range []time.Duration{100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 60000, 60000} {
			if got := len(w.endpoint.taken()); got != 1 {
				t.Fatalf("before the pause of %dms: got %d requests, want one", pause, got)
			}
			w.pass(pause*time.Millisecond - 1)
			if got := len(w.endpoint.taken()); got != 0 {
				t.Fatalf("in the pause of %dms: got %d requests", pause, got)
			}
			w.pass(1)
		}
		w.endpoint.answers(200)
		w.pass(time.Minute)
		w.endpoint.taken()
		w.endpoint.answers(500)
		w.publish("b")
		w.pass(100 * time.Millisecond)
		if got := len(w.endpoint.taken()); got != 2 {
			t.Errorf("after a success: got %d requests, want the first two with the shortest pause", got)
		}
	})
}

// With a retry policy each message rests by itself.
func TestRetryPolicy(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoint.answers(403)
		w.subscribe(&pubsubpb.Subscription{PushConfig: pushTo(endpoint), RetryPolicy: &pubsubpb.RetryPolicy{MaximumBackoff: durationpb.New(35 * time.Second)}})
		w.publish("a")
		for _, rest := range []time.Duration{10, 20, 35, 35} {
			if got := len(w.endpoint.taken()); got != 1 {
				t.Fatalf("before the rest of %ds: got %d requests, want one", rest, got)
			}
			w.pass(rest*time.Second - 1)
			if got := len(w.endpoint.taken()); got != 0 {
				t.Fatalf("in the rest of %ds: got %d requests", rest, got)
			}
			w.pass(1)
		}
		w.endpoint.taken()
		w.publish("b")
		if got := w.endpoint.taken(); len(got) != 1 || dataOf(t, got[0]) != "b" {
			t.Errorf("got %d requests, want the other message at once", len(got))
		}
	})
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for audience, want := range map[string]string{"": endpoint, "https://other.example": "https://other.example"} {
		t.Run(want, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.subscribe(&pubsubpb.Subscription{PushConfig: withToken(audience), AckDeadlineSeconds: 42})
				w.publish("a")
				got := w.endpoint.taken()
				if len(got) != 1 || got[0].Token == nil || *got[0].Token != (serviceagent.Token{ServiceAccount: caller, Audience: want}) {
					t.Fatalf("got %+v, want a token of %s for %s", got, caller, want)
				}
				if got[0].Deadline != 42*time.Second {
					t.Errorf("got a deadline of %s, want the subscription's", got[0].Deadline)
				}
			})
		})
	}
}

func TestAgentMayNotMint(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{PushConfig: withToken("")})
		w.revoke(project, agentRole)
		w.publish("a")
		w.pass(time.Second)
		if got := len(w.endpoint.taken()); got != 0 {
			t.Errorf("got %d requests without a token", got)
		}
		w.grant(project, agentRole, "serviceAccount:"+agentEmail())
		w.pass(time.Minute)
		if got := len(w.endpoint.taken()); got != 1 {
			t.Errorf("got %d requests, want the message that has waited", got)
		}
	})
}

func TestMayNotActAs(t *testing.T) {
	inWorld(t, func(w *world) {
		w.topic(topicName)
		w.grant(project, "roles/pubsub.editor", "user:"+stranger)
		sub := &pubsubpb.Subscription{Name: subName, Topic: topicName, PushConfig: withToken("")}
		_, err := w.CreateSubscription(w.as(stranger), sub)
		refused(t, err, codes.PermissionDenied, "iam.serviceAccounts.actAs")
		sub.PushConfig = pushTo(endpoint)
		if _, err := w.CreateSubscription(w.as(stranger), sub); err != nil {
			t.Fatal(err)
		}
		_, err = w.ModifyPushConfig(w.as(stranger), &pubsubpb.ModifyPushConfigRequest{Subscription: subName, PushConfig: withToken("")})
		refused(t, err, codes.PermissionDenied, "iam.serviceAccounts.actAs")
		update := &pubsubpb.UpdateSubscriptionRequest{
			Subscription: &pubsubpb.Subscription{Name: subName, PushConfig: withToken("")},
			UpdateMask:   &fieldmaskpb.FieldMask{Paths: []string{"push_config.oidc_token"}},
		}
		_, err = w.UpdateSubscription(w.as(stranger), update)
		refused(t, err, codes.PermissionDenied, "iam.serviceAccounts.actAs")
		if _, err := w.UpdateSubscription(w.ctx, update); err != nil {
			t.Errorf("by one who may: %v", err)
		}
	})
}

// The window begins small, and grows with each success.
func TestWindow(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoint.held = make(chan struct{})
		w.subscribe(&pubsubpb.Subscription{PushConfig: pushTo(endpoint)})
		for range 20 {
			w.publish("a")
		}
		if got := len(w.endpoint.taken()); got != firstWindow {
			t.Errorf("got %d requests at a time at first, want %d", got, firstWindow)
		}
		for range firstWindow {
			w.endpoint.held <- struct{}{}
		}
		synctest.Wait()
		if got := len(w.endpoint.taken()); got != 2*firstWindow {
			t.Errorf("got %d more requests after as many successes, want twice as many", got)
		}
		close(w.endpoint.held)
		synctest.Wait()
		if got := len(w.endpoint.taken()); got != 20-3*firstWindow || w.endpoint.most > maxWindow {
			t.Errorf("got %d more requests, want the rest", got)
		}
	})
}

// How long an endpoint may take is the request's affair: the message is not pushed
// a second time beside it.
func TestOneRequestAtATime(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoint.held = make(chan struct{})
		w.subscribe(&pubsubpb.Subscription{PushConfig: pushTo(endpoint)})
		w.publish("a")
		w.pass(time.Hour)
		if got := len(w.endpoint.taken()); got != 1 {
			t.Errorf("got %d requests with the first under way", got)
		}
		close(w.endpoint.held)
		w.pass(time.Hour)
		if got := len(w.endpoint.taken()); got != 0 {
			t.Errorf("got %d more requests after it was acknowledged", got)
		}
	})
}

// What was learnt of one endpoint is not held against another.
func TestAnotherEndpointBeginsAnew(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoint.answers(500)
		w.subscribe(&pubsubpb.Subscription{PushConfig: pushTo(endpoint)})
		w.publish("a")
		for range 9 {
			w.pass(time.Minute)
		}
		w.endpoint.taken()
		w.endpoint.answers(200)
		if _, err := w.ModifyPushConfig(w.ctx, &pubsubpb.ModifyPushConfigRequest{Subscription: subName, PushConfig: pushTo(endpoint + "/new")}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := len(w.endpoint.taken()); got != 1 {
			t.Errorf("got %d requests, want the message at once", got)
		}
	})
}

func TestPushInOrder(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoint.answers(500)
		w.subscribe(&pubsubpb.Subscription{PushConfig: pushTo(endpoint), EnableMessageOrdering: true})
		var messages []*pubsubpb.PubsubMessage
		for _, text := range []string{"1", "2", "3"} {
			messages = append(messages, &pubsubpb.PubsubMessage{Data: []byte(text), OrderingKey: "key"})
		}
		if _, err := w.Publish(w.ctx, &pubsubpb.PublishRequest{Topic: topicName, Messages: messages}); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Second)
		for _, r := range w.endpoint.taken() {
			if got := dataOf(t, r); got != "1" {
				t.Errorf("pushed %s while the first has failed", got)
			}
		}
		w.endpoint.answers(200)
		w.pass(time.Minute)
		var order string
		for _, r := range w.endpoint.taken() {
			order += dataOf(t, r)
		}
		if order != "123" {
			t.Errorf("pushed %s, want 123", order)
		}
	})
}

func TestFromPushToPullAndBack(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoint.answers(500)
		w.subscribe(&pubsubpb.Subscription{PushConfig: pushTo(endpoint)})
		w.publish("a")
		_, err := w.Pull(w.ctx, &pubsubpb.PullRequest{Subscription: subName, MaxMessages: 1})
		refused(t, err, codes.FailedPrecondition, "which pushes")
		if _, err := w.ModifyPushConfig(w.ctx, &pubsubpb.ModifyPushConfigRequest{Subscription: subName}); err != nil {
			t.Fatal(err)
		}
		w.endpoint.taken()
		w.wants("when it is pulled", "a")
		w.pass(time.Hour)
		if got := len(w.endpoint.taken()); got != 0 {
			t.Errorf("got %d requests, want none any more", got)
		}
		w.endpoint.answers(200)
		if _, err := w.ModifyPushConfig(w.ctx, &pubsubpb.ModifyPushConfigRequest{Subscription: subName, PushConfig: pushTo(endpoint + "/new")}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := w.endpoint.taken(); len(got) != 1 || got[0].URL != endpoint+"/new" {
			t.Errorf("got %v, want the message at the new endpoint", got)
		}
	})
}
