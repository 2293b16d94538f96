package pubsub

import (
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

// saveTopic stores a topic.
func (s *Service) saveTopic(topic *pubsubpb.Topic) error {
	return s.store.save(topic.GetName(), topic, record{})
}

// saveSubscription stores a subscription, and when it was last active.
func (s *Service) saveSubscription(shown *pubsubpb.Subscription, active time.Time) error {
	return s.store.save(shown.GetName(), shown, record{Active: active})
}

// forget removes a resource with its policy, for the caller who deletes it.
func (s *Service) forget(resource string) error {
	if err := s.store.remove(resource); err != nil {
		return internal(err)
	}
	_, err := s.policy.SetPolicy(resource, iam.Policy{}, "")
	s.logged(err)
	return nil
}

// changes stores what has changed in a subscription's queue.
func (s *Service) changes(sub *subscription) error {
	changed, gone := sub.queue.Changes()
	if sub.gone {
		return nil
	}
	return s.store.keep(sub.shown.GetName(), changed, gone)
}

// keep does so where no caller is told of an error.
func (s *Service) keep(sub *subscription) { s.logged(s.changes(sub)) }

// flush does so too, and has the subscription look at it.
func (s *Service) flush(sub *subscription) error {
	defer sub.wake()
	return s.changes(sub)
}

// logged tells of an error that no caller is told of.
func (s *Service) logged(err error) {
	if err != nil {
		s.log.Error().Err(err).Msg("Pub/Sub cannot keep its state")
	}
}
