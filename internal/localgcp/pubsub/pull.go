package pubsub

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/authcall/authcall/internal/localgcp/pubsub/queue"
	"github.com/authcall/authcall/internal/localgcp/rpc"
)

// pullWait is how long a pull waits for a message.
const pullWait = 90 * time.Second

// Pull leases messages to the caller, and waits for the first.
func (p subscriber) Pull(ctx context.Context, req *pubsubpb.PullRequest) (*pubsubpb.PullResponse, error) {
	if req.GetMaxMessages() < 1 {
		return nil, invalidf("Invalid max_messages: got %d, want at least 1.", req.GetMaxMessages())
	}
	limit := queue.Limit{Messages: int(min(req.GetMaxMessages(), maxMessages)), Bytes: maxBytes}
	waiting, stop := p.s.until(ctx, pullWait)
	defer stop()
	for {
		sub, err := p.s.find(ctx, req.GetSubscription(), consumeSubscriptions)
		if err != nil {
			return nil, err
		}
		taken, moved, err := p.s.take(sub, limit)
		p.s.mu.Unlock()
		if err != nil || len(taken) > 0 || req.GetReturnImmediately() { //nolint:staticcheck // clients set it still
			return &pubsubpb.PullResponse{ReceivedMessages: taken}, err
		}
		select {
		case <-moved:
		case <-waiting.Done():
			return &pubsubpb.PullResponse{}, nil
		case <-p.s.background.Done():
			return nil, errClosed
		}
	}
}

// until is the context of what may take so long by the local Google's clock.
func (s *Service) until(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, stop := context.WithCancel(ctx)
	end := s.clock.Now().Add(d)
	go func() {
		_ = s.clock.Wait(ctx, end)
		stop()
	}()
	return ctx, stop
}

// take leases messages, and tells what is closed when there may be more.
func (s *Service) take(sub *subscription, limit queue.Limit) (taken []*pubsubpb.ReceivedMessage, moved <-chan struct{}, err error) {
	if err := sub.pulled(); err != nil {
		return nil, nil, err
	}
	now := s.clock.Now()
	sub.active = s.now()
	sub.queue.Expire(now)
	s.buryAll(sub)
	for _, d := range sub.queue.Take(now, limit) {
		m := &pubsubpb.ReceivedMessage{AckId: d.AckID, Message: d.Content}
		if sub.shown.GetDeadLetterPolicy() != nil {
			m.DeliveryAttempt = int32(d.Attempt) //nolint:gosec // it is no more than seconds in a month
		}
		taken = append(taken, m)
	}
	s.keep(sub)
	if len(taken) > 0 {
		sub.wake() // for the end of the leases
	}
	return taken, sub.moved, nil
}

// Acknowledge says that messages are done.
func (p subscriber) Acknowledge(ctx context.Context, req *pubsubpb.AcknowledgeRequest) (*emptypb.Empty, error) {
	return p.settle(ctx, req.GetSubscription(), req.GetAckIds(), func(q *queue.Queue, now time.Time, id string) error {
		return q.Ack(now, id)
	})
}

// ModifyAckDeadline leases messages for longer, or with 0 gives them back.
func (p subscriber) ModifyAckDeadline(ctx context.Context, req *pubsubpb.ModifyAckDeadlineRequest) (*emptypb.Empty, error) {
	seconds := req.GetAckDeadlineSeconds()
	if seconds < 0 || seconds > maxAckDeadline {
		return nil, invalidf("Invalid ack_deadline_seconds: got %d, want 0 to %d.", seconds, maxAckDeadline)
	}
	return p.settle(ctx, req.GetSubscription(), req.GetAckIds(), func(q *queue.Queue, now time.Time, id string) error {
		return q.Extend(now, id, time.Duration(seconds)*time.Second)
	})
}

func (p subscriber) settle(ctx context.Context, name string, ids []string, do func(*queue.Queue, time.Time, string) error) (*emptypb.Empty, error) {
	if len(ids) == 0 {
		return nil, invalidf("No ack ids specified.")
	}
	sub, err := p.s.find(ctx, name, consumeSubscriptions)
	if err != nil {
		return nil, err
	}
	defer p.s.mu.Unlock()
	if err := sub.pulled(); err != nil {
		return nil, err
	}
	expired, err := p.s.settle(sub, ids, do)
	if err != nil {
		return nil, err
	}
	if len(expired) > 0 {
		return nil, expiredAcks(expired)
	}
	return &emptypb.Empty{}, nil
}

// settle does something with messages that are leased. Those whose leases have
// ended are returned where that matters.
func (s *Service) settle(sub *subscription, ids []string, do func(*queue.Queue, time.Time, string) error) (expired []string, err error) {
	now := s.clock.Now()
	sub.active = s.now()
	for _, id := range ids {
		switch err := do(sub.queue, now, id); {
		case errors.Is(err, queue.ErrExpired):
			expired = append(expired, id)
		case err != nil:
			return nil, invalidf("You have passed an invalid ack ID to the service (ack_id=%s).", id)
		}
	}
	s.buryAll(sub)
	if err := s.flush(sub); err != nil {
		return nil, internal(err)
	}
	sub.tell()
	return expired, nil
}

// expiredAcks tells for each ack id that it was too late, as clients look for it
// where messages are delivered exactly once.
func expiredAcks(ids []string) error {
	told := map[string]string{}
	for _, id := range ids {
		told[id] = "PERMANENT_FAILURE_INVALID_ACK_ID"
	}
	return rpc.WithReason(codes.FailedPrecondition, fmt.Sprintf("Some acknowledgement ids in the request were invalid or expired: %d.", len(ids)),
		&errdetails.ErrorInfo{Reason: "EXACTLY_ONCE_ACKID_FAILURE", Domain: domain, Metadata: told})
}

// Seek makes the messages from a time on unacknowledged, and those before
// acknowledged.
func (p subscriber) Seek(ctx context.Context, req *pubsubpb.SeekRequest) (*pubsubpb.SeekResponse, error) {
	sub, err := p.s.find(ctx, req.GetSubscription(), consumeSubscriptions)
	if err != nil {
		return nil, err
	}
	defer p.s.mu.Unlock()
	if req.GetSnapshot() != "" {
		return nil, unsupported("snapshots")
	}
	if req.GetTime() == nil {
		return nil, invalidf("The request names no target, want a time.")
	}
	sub.queue.Seek(req.GetTime().AsTime())
	sub.active = p.s.now()
	if err := p.s.flush(sub); err != nil {
		return nil, internal(err)
	}
	sub.tell()
	return &pubsubpb.SeekResponse{}, nil
}
