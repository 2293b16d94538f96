package pubsub

import (
	"context"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

// fakeStream is the client's end of a stream.
type fakeStream struct {
	grpc.ServerStream

	ctx      context.Context
	requests chan *pubsubpb.StreamingPullRequest
	answers  chan *pubsubpb.StreamingPullResponse
	end      chan error
}

func (f *fakeStream) Context() context.Context { return f.ctx }

func (f *fakeStream) Recv() (*pubsubpb.StreamingPullRequest, error) {
	select {
	case req, ok := <-f.requests:
		if !ok {
			return nil, io.EOF
		}
		return req, nil
	case <-f.ctx.Done():
		return nil, f.ctx.Err()
	}
}

func (f *fakeStream) Send(answer *pubsubpb.StreamingPullResponse) error {
	f.answers <- answer
	return nil
}

// stream opens a stream of the subscription.
func (w *world) stream(first *pubsubpb.StreamingPullRequest) *fakeStream {
	ctx, cancel := context.WithCancel(w.ctx)
	w.t.Cleanup(cancel)
	f := &fakeStream{
		ctx: ctx, requests: make(chan *pubsubpb.StreamingPullRequest, 9), answers: make(chan *pubsubpb.StreamingPullResponse, 99), end: make(chan error, 1),
	}
	first.Subscription = subName
	if first.StreamAckDeadlineSeconds == 0 {
		first.StreamAckDeadlineSeconds = 20
	}
	f.requests <- first
	go func() {
		f.end <- w.StreamingPull(f)
		cancel()
	}()
	synctest.Wait()
	return f
}

// got are the messages since it was asked last.
func (f *fakeStream) got() []*pubsubpb.ReceivedMessage {
	synctest.Wait()
	var all []*pubsubpb.ReceivedMessage
	for len(f.answers) > 0 {
		all = append(all, (<-f.answers).GetReceivedMessages()...)
	}
	return all
}

func TestStream(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{})
		w.publish("a")
		f := w.stream(&pubsubpb.StreamingPullRequest{})
		w.publish("b", "c")
		got := f.got()
		if texts := textsOf(got); !slices.Equal(texts, []string{"a", "b", "c"}) {
			t.Fatalf("got %q, want what was there and what came", texts)
		}
		f.requests <- &pubsubpb.StreamingPullRequest{
			AckIds:                ackIDs(got[:1]),
			ModifyDeadlineAckIds:  ackIDs(got[1:]),
			ModifyDeadlineSeconds: []int32{0, 60},
		}
		if texts := textsOf(f.got()); !slices.Equal(texts, []string{"b"}) {
			t.Errorf("got %q, want at once what was given back", texts)
		}
		w.pass(20 * time.Second)
		if texts := textsOf(f.got()); !slices.Equal(texts, []string{"b"}) {
			t.Errorf("got %q after the stream's deadline, want b", texts)
		}
		w.pass(40 * time.Second)
		if texts := textsOf(f.got()); !slices.Contains(texts, "c") {
			t.Errorf("got %q after the longer deadline, want c too", texts)
		}
		close(f.requests)
		if err := <-f.end; err != nil {
			t.Errorf("at its end: %v", err)
		}
	})
}

func TestStreamsLimits(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]*pubsubpb.StreamingPullRequest{
		"messages": {MaxOutstandingMessages: 2},
		"bytes":    {MaxOutstandingBytes: 50},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.subscribe(&pubsubpb.Subscription{})
				w.publish("a", "b", "c")
				f := w.stream(first)
				got := f.got()
				if texts := textsOf(got); !slices.Equal(texts, []string{"a", "b"}) {
					t.Fatalf("got %q, want no more than the limit", texts)
				}
				w.ack(got[:1]) // by another call, as Google's clients do
				if texts := textsOf(f.got()); !slices.Equal(texts, []string{"c"}) {
					t.Errorf("got %q after one was done, want the next", texts)
				}
			})
		})
	}
}

func TestStreamOfExactlyOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{EnableExactlyOnceDelivery: true})
		w.publish("a")
		f := w.stream(&pubsubpb.StreamingPullRequest{})
		first := <-f.answers
		if !first.GetSubscriptionProperties().GetExactlyOnceDeliveryEnabled() {
			t.Error("the stream does not tell that messages are delivered exactly once")
		}
		old := ackIDs(first.GetReceivedMessages())
		w.pass(20 * time.Second)
		again := ackIDs(f.got())
		f.requests <- &pubsubpb.StreamingPullRequest{AckIds: slices.Concat(old, again)}
		confirmed := (<-f.answers).GetAcknowledgeConfirmation()
		if !slices.Equal(confirmed.GetAckIds(), again) || !slices.Equal(confirmed.GetInvalidAckIds(), old) {
			t.Errorf("got %v, want the old one invalid", confirmed)
		}
		f.requests <- &pubsubpb.StreamingPullRequest{ModifyDeadlineAckIds: old, ModifyDeadlineSeconds: []int32{10}}
		if got := (<-f.answers).GetModifyAckDeadlineConfirmation().GetInvalidAckIds(); !slices.Equal(got, old) {
			t.Errorf("got %v, want the old one invalid", got)
		}
	})
}

func TestStreamsEnd(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{})
		refused(t, <-w.stream(&pubsubpb.StreamingPullRequest{StreamAckDeadlineSeconds: 9}).end, codes.InvalidArgument, "got 9, want 10 to 600")
		f := w.stream(&pubsubpb.StreamingPullRequest{})
		f.requests <- &pubsubpb.StreamingPullRequest{AckIds: []string{"x"}}
		refused(t, <-f.end, codes.InvalidArgument, "invalid ack ID")
		f = w.stream(&pubsubpb.StreamingPullRequest{})
		f.requests <- &pubsubpb.StreamingPullRequest{ModifyDeadlineAckIds: []string{"x"}}
		refused(t, <-f.end, codes.InvalidArgument, "1 ack ids to modify and 0 deadlines")
		f = w.stream(&pubsubpb.StreamingPullRequest{})
		w.endpoint.answers(200)
		if _, err := w.ModifyPushConfig(w.ctx, &pubsubpb.ModifyPushConfigRequest{Subscription: subName, PushConfig: pushTo(endpoint)}); err != nil {
			t.Fatal(err)
		}
		refused(t, <-f.end, codes.FailedPrecondition, "which pushes")
		if _, err := w.ModifyPushConfig(w.ctx, &pubsubpb.ModifyPushConfigRequest{Subscription: subName}); err != nil {
			t.Fatal(err)
		}
		f = w.stream(&pubsubpb.StreamingPullRequest{})
		if _, err := w.DeleteSubscription(w.ctx, &pubsubpb.DeleteSubscriptionRequest{Subscription: subName}); err != nil {
			t.Fatal(err)
		}
		refused(t, <-f.end, codes.NotFound, subName)
	})
}

func TestTheEndOfTheServiceEndsStreams(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{})
		f := w.stream(&pubsubpb.StreamingPullRequest{})
		w.service.Close()
		refused(t, <-f.end, codes.Unavailable, "closing")
	})
}
