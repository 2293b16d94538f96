package pubsub

import (
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func TestPullAndAcknowledge(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{})
		w.publish("a", "b", "c")
		got := w.wants("at first", "a", "b", "c")
		w.ack(got[:1])
		w.nack(got[1:2])
		w.wants("at once after it was given back", "b")
		if got[0].GetDeliveryAttempt() != 0 {
			t.Error("the attempt is told without a dead-letter policy")
		}
		extend := &pubsubpb.ModifyAckDeadlineRequest{Subscription: subName, AckIds: ackIDs(got[2:]), AckDeadlineSeconds: 60}
		if _, err := w.ModifyAckDeadline(w.ctx, extend); err != nil {
			t.Fatal(err)
		}
		w.pass(10 * time.Second)
		w.wants("after the deadline", "b")
		w.pass(50 * time.Second)
		w.wants("after the longer deadline", "b", "c")
	})
}

func TestPullRefuses(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{})
		_, err := w.Pull(w.ctx, &pubsubpb.PullRequest{Subscription: subName})
		refused(t, err, codes.InvalidArgument, "max_messages")
		_, err = w.Pull(w.ctx, &pubsubpb.PullRequest{Subscription: subName + "x", MaxMessages: 1})
		refused(t, err, codes.NotFound, "Resource not found (resource="+subName+"x).")
		_, err = w.Pull(w.as(stranger), &pubsubpb.PullRequest{Subscription: subName, MaxMessages: 1})
		refused(t, err, codes.PermissionDenied, "pubsub.subscriptions.consume")
		_, err = w.Acknowledge(w.ctx, &pubsubpb.AcknowledgeRequest{Subscription: subName})
		refused(t, err, codes.InvalidArgument, "No ack ids")
		_, err = w.Acknowledge(w.ctx, &pubsubpb.AcknowledgeRequest{Subscription: subName, AckIds: []string{"x"}})
		refused(t, err, codes.InvalidArgument, "invalid ack ID to the service (ack_id=x)")
		_, err = w.ModifyAckDeadline(w.ctx, &pubsubpb.ModifyAckDeadlineRequest{Subscription: subName, AckIds: []string{"x"}, AckDeadlineSeconds: 601})
		refused(t, err, codes.InvalidArgument, "got 601, want 0 to 600")
	})
}

// waiting starts a pull that waits.
func (w *world) waiting() chan *pubsubpb.PullResponse {
	done := make(chan *pubsubpb.PullResponse, 1)
	go func() {
		answer, err := w.Pull(w.ctx, &pubsubpb.PullRequest{Subscription: subName, MaxMessages: 1})
		if err != nil {
			answer = nil
		}
		done <- answer
	}()
	synctest.Wait()
	return done
}

func TestPullWaits(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{})
		done := w.waiting()
		w.publish("a")
		if got := textsOf((<-done).GetReceivedMessages()); len(got) != 1 || got[0] != "a" {
			t.Errorf("got %q, want what was published meanwhile", got)
		}
		done = w.waiting()
		w.pass(10 * time.Second)
		again := (<-done).GetReceivedMessages()
		if len(again) != 1 {
			t.Fatal("got nothing, want what nobody has acknowledged in time")
		}
		w.ack(again)
		done = w.waiting()
		w.pass(pullWait - 1)
		select {
		case got := <-done:
			t.Fatalf("got %v before its time", got)
		default:
		}
		w.pass(1)
		if got := (<-done).GetReceivedMessages(); len(got) != 0 {
			t.Errorf("got %v, want nothing", got)
		}
	})
}

func TestPullEndsWithItsSubscription(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{})
		done := w.waiting()
		if _, err := w.DeleteSubscription(w.ctx, &pubsubpb.DeleteSubscriptionRequest{Subscription: subName}); err != nil {
			t.Fatal(err)
		}
		if got := <-done; got != nil {
			t.Errorf("got %v, want an error", got)
		}
	})
}

func TestExactlyOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{EnableExactlyOnceDelivery: true})
		w.publish("a")
		old := w.wants("at first", "a")
		w.pass(10 * time.Second)
		_, err := w.Acknowledge(w.ctx, &pubsubpb.AcknowledgeRequest{Subscription: subName, AckIds: ackIDs(old)})
		refused(t, err, codes.FailedPrecondition, "invalid or expired")
		info, ok := status.Convert(err).Details()[0].(*errdetails.ErrorInfo)
		if want := map[string]string{old[0].GetAckId(): "PERMANENT_FAILURE_INVALID_ACK_ID"}; !ok || !maps.Equal(info.GetMetadata(), want) {
			t.Errorf("got %v, want %v", info, want)
		}
		w.ack(w.wants("again", "a"))
		w.pass(time.Minute)
		w.wants("after it was acknowledged in time")
	})
}

func TestSeek(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{RetainAckedMessages: true})
		w.publish("a")
		w.pass(time.Minute)
		between := w.clock.Now()
		w.pass(time.Minute)
		w.publish("b")
		w.ack(w.wants("at first", "a", "b"))
		seek := func(target *pubsubpb.SeekRequest) error {
			target.Subscription = subName
			_, err := w.Seek(w.ctx, target)
			return err
		}
		if err := seek(&pubsubpb.SeekRequest{Target: &pubsubpb.SeekRequest_Time{Time: timestamppb.New(between)}}); err != nil {
			t.Fatal(err)
		}
		w.wants("back in time", "b")
		if err := seek(&pubsubpb.SeekRequest{Target: &pubsubpb.SeekRequest_Time{Time: timestamppb.New(w.clock.Now().Add(time.Hour))}}); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Minute)
		w.wants("after all were acknowledged")
		refused(t, seek(&pubsubpb.SeekRequest{Target: &pubsubpb.SeekRequest_Snapshot{Snapshot: project + "/snapshots/s"}}), codes.Unimplemented, "snapshots")
		refused(t, seek(&pubsubpb.SeekRequest{}), codes.InvalidArgument, "no target")
	})
}

func TestFilter(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{Filter: `attributes.kind = "wanted"`})
		var messages []*pubsubpb.PubsubMessage
		for _, kind := range []string{"wanted", "other"} {
			messages = append(messages, &pubsubpb.PubsubMessage{Data: []byte(kind), Attributes: map[string]string{"kind": kind}})
		}
		if _, err := w.Publish(w.ctx, &pubsubpb.PublishRequest{Topic: topicName, Messages: messages}); err != nil {
			t.Fatal(err)
		}
		w.wants("of both", "wanted")
	})
}

func TestMessagesGrowOld(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{})
		w.publish("a")
		w.pass(defaultRetention)
		w.wants("after seven days")
	})
}
