package pubsub

import (
	"slices"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"github.com/authcall/authcall/internal/localgcp/pubsub/queue"
)

// acknowledge says that messages of the stream are done.
func (p *puller) acknowledge(ids []string) error {
	good, expired, err := p.settle(ids, func(q *queue.Queue, now time.Time, id string) error { return q.Ack(now, id) })
	if err != nil || len(ids) == 0 {
		return err
	}
	return p.confirm(&pubsubpb.StreamingPullResponse{
		AcknowledgeConfirmation: &pubsubpb.StreamingPullResponse_AcknowledgeConfirmation{AckIds: good, InvalidAckIds: expired},
	})
}

// modify leases messages of the stream for longer, or gives them back.
func (p *puller) modify(ids []string, seconds []int32) error {
	leases := map[string]time.Duration{}
	for i, id := range ids {
		leases[id] = time.Duration(seconds[i]) * time.Second
	}
	good, expired, err := p.settle(ids, func(q *queue.Queue, now time.Time, id string) error { return q.Extend(now, id, leases[id]) })
	if err != nil || len(ids) == 0 {
		return err
	}
	return p.confirm(&pubsubpb.StreamingPullResponse{
		ModifyAckDeadlineConfirmation: &pubsubpb.StreamingPullResponse_ModifyAckDeadlineConfirmation{AckIds: good, InvalidAckIds: expired},
	})
}

func (p *puller) settle(ids []string, do func(*queue.Queue, time.Time, string) error) (good, expired []string, err error) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if len(ids) == 0 {
		return nil, nil, nil
	}
	if expired, err = p.s.settle(p.sub, ids, do); err != nil {
		return nil, nil, err
	}
	good = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(expired, id) })
	return good, expired, nil
}

// confirm sends a confirmation where messages are delivered exactly once.
func (p *puller) confirm(answer *pubsubpb.StreamingPullResponse) error {
	p.s.mu.Lock()
	wanted := p.sub.shown.GetEnableExactlyOnceDelivery()
	p.s.mu.Unlock()
	if !wanted {
		return nil
	}
	select {
	case p.confirmations <- answer:
		return nil
	case <-p.stream.Context().Done():
		return p.stream.Context().Err()
	}
}
