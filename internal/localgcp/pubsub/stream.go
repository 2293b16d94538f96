package pubsub

import (
	"errors"
	"io"
	"math"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/localgcp/pubsub/queue"
)

// What one answer of a stream holds at most.
const (
	streamMessages = 100
	streamBytes    = 1 << 20
)

// StreamingPull leases messages to the caller as they come, no more than the
// caller wants to have at a time.
func (p subscriber) StreamingPull(stream pubsubpb.Subscriber_StreamingPullServer) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	sub, err := p.s.find(stream.Context(), first.GetSubscription(), consumeSubscriptions)
	if err != nil {
		return err
	}
	p.s.mu.Unlock()
	puller := &puller{
		s: p.s, sub: sub, stream: stream, sizes: map[string]int{}, confirmations: make(chan *pubsubpb.StreamingPullResponse),
		messages: unlimited(first.GetMaxOutstandingMessages()), bytes: unlimited(first.GetMaxOutstandingBytes()),
	}
	if err := puller.handle(first, true); err != nil {
		return err
	}
	requests := make(chan error, 1)
	go func() { requests <- puller.receive() }()
	return puller.run(requests)
}

// unlimited is what a limit is that is not positive.
func unlimited(limit int64) int {
	if limit <= 0 {
		return math.MaxInt
	}
	return int(limit)
}

// puller is one stream.
type puller struct {
	s        *Service
	sub      *subscription
	stream   pubsubpb.Subscriber_StreamingPullServer
	messages int // that the caller wants to have at most
	bytes    int

	lease         time.Duration  // guarded by the service's lock
	sizes         map[string]int // of the messages that the caller has, by ack id
	confirmations chan *pubsubpb.StreamingPullResponse
}

// run sends what there is until the caller has enough.
func (p *puller) run(requests <-chan error) error {
	for {
		taken, moved, err := p.take()
		if err != nil {
			return err
		}
		if len(taken) > 0 {
			if err := p.send(&pubsubpb.StreamingPullResponse{ReceivedMessages: taken}); err != nil {
				return err
			}
			continue
		}
		select {
		case <-moved:
		case confirmation := <-p.confirmations:
			if err := p.send(confirmation); err != nil {
				return err
			}
		case err := <-requests:
			return err
		case <-p.s.background.Done():
			return errClosed
		}
	}
}

// send tells with everything what kind of subscription it is.
func (p *puller) send(answer *pubsubpb.StreamingPullResponse) error {
	p.s.mu.Lock()
	answer.SubscriptionProperties = &pubsubpb.StreamingPullResponse_SubscriptionProperties{
		ExactlyOnceDeliveryEnabled: p.sub.shown.GetEnableExactlyOnceDelivery(),
		MessageOrderingEnabled:     p.sub.shown.GetEnableMessageOrdering(),
	}
	p.s.mu.Unlock()
	return p.stream.Send(answer)
}

// take leases as much as the caller has room for.
func (p *puller) take() ([]*pubsubpb.ReceivedMessage, <-chan struct{}, error) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	now, held := p.s.clock.Now(), 0
	for id, size := range p.sizes {
		if !p.sub.queue.Held(now, id) {
			delete(p.sizes, id)
			continue
		}
		held += size
	}
	limit := queue.Limit{
		Messages: min(streamMessages, p.messages-len(p.sizes)),
		Bytes:    min(streamBytes, p.bytes-held),
		Lease:    p.lease,
	}
	if limit.Bytes <= 0 {
		limit.Messages = 0
	}
	taken, moved, err := p.s.take(p.sub, limit)
	for _, m := range taken {
		p.sizes[m.GetAckId()] = proto.Size(m.GetMessage())
	}
	return taken, moved, err
}

// receive does what the caller asks for until there is no more.
func (p *puller) receive() error {
	for {
		req, err := p.stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = p.handle(req, false)
		}
		if err != nil {
			return err
		}
	}
}

func (p *puller) handle(req *pubsubpb.StreamingPullRequest, first bool) error {
	if err := p.setLease(req.GetStreamAckDeadlineSeconds(), first); err != nil {
		return err
	}
	if len(req.GetModifyDeadlineAckIds()) != len(req.GetModifyDeadlineSeconds()) {
		return invalidf("The request has %d ack ids to modify and %d deadlines, want as many.",
			len(req.GetModifyDeadlineAckIds()), len(req.GetModifyDeadlineSeconds()))
	}
	if err := p.acknowledge(req.GetAckIds()); err != nil {
		return err
	}
	return p.modify(req.GetModifyDeadlineAckIds(), req.GetModifyDeadlineSeconds())
}

// setLease takes the stream's deadline, which only the first request must have.
func (p *puller) setLease(seconds int32, must bool) error {
	if seconds == 0 && !must {
		return nil
	}
	if seconds < minAckDeadline || seconds > maxAckDeadline {
		return invalidf("Invalid stream_ack_deadline_seconds: got %d, want %d to %d.", seconds, minAckDeadline, maxAckDeadline)
	}
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.lease = time.Duration(seconds) * time.Second
	return nil
}
