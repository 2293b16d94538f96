package pubsub

import (
	"context"
	"errors"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
)

// CreateSubscription makes a subscription of a topic.
func (p subscriber) CreateSubscription(ctx context.Context, req *pubsubpb.Subscription) (*pubsubpb.Subscription, error) {
	s := p.s
	n, err := parseName(subscriptions, req.GetName())
	if err != nil {
		return nil, err
	}
	if err := s.authorize(ctx, createSubscriptions, n.parent()); err != nil {
		return nil, err
	}
	if err := s.named(ctx, topics, req.GetTopic(), attachTo); err != nil {
		return nil, err
	}
	shown := proto.CloneOf(req)
	shown.Detached, shown.TopicMessageRetentionDuration = false, nil
	if err := s.checkFor(ctx, shown, true); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.create(shown)
}

func (s *Service) create(shown *pubsubpb.Subscription) (*pubsubpb.Subscription, error) {
	if _, ok := s.subscriptions[shown.GetName()]; ok {
		return nil, exists(shown.GetName())
	}
	for _, topic := range []string{shown.GetTopic(), shown.GetDeadLetterPolicy().GetDeadLetterTopic()} {
		if _, ok := s.topics[topic]; !ok && topic != "" {
			return nil, notFound(topic)
		}
	}
	sub, err := newSubscription(s.now(), shown, s.now())
	if err != nil {
		return nil, internal(err)
	}
	if err := s.saveSubscription(shown, sub.active); err != nil {
		return nil, internal(err)
	}
	s.subscriptions[shown.GetName()] = sub
	s.start(sub)
	return s.show(sub), nil
}

// checkFor completes and checks a subscription, and whether the caller may have
// it push as the account that it names.
func (s *Service) checkFor(ctx context.Context, shown *pubsubpb.Subscription, pushIsNew bool) error {
	complete(shown)
	if err := checkSubscription(shown); err != nil {
		return err
	}
	if account := shown.GetPushConfig().GetOidcToken().GetServiceAccountEmail(); pushIsNew && account != "" {
		return s.mayActAs(ctx, account)
	}
	return nil
}

// show is a subscription as its API shows it.
func (s *Service) show(sub *subscription) *pubsubpb.Subscription {
	shown := proto.CloneOf(sub.shown)
	shown.TopicMessageRetentionDuration = s.topics[shown.GetTopic()].GetMessageRetentionDuration()
	return shown
}

// find asks for a permission and finds the subscription. Where there is no error
// the lock is held.
func (s *Service) find(ctx context.Context, name, permission string) (*subscription, error) {
	if err := s.named(ctx, subscriptions, name, permission); err != nil {
		return nil, err
	}
	s.mu.Lock()
	sub, ok := s.subscriptions[name]
	if !ok {
		s.mu.Unlock()
		return nil, notFound(name)
	}
	return sub, nil
}

// GetSubscription returns a subscription.
func (p subscriber) GetSubscription(ctx context.Context, req *pubsubpb.GetSubscriptionRequest) (*pubsubpb.Subscription, error) {
	sub, err := p.s.find(ctx, req.GetSubscription(), getSubscriptions)
	if err != nil {
		return nil, err
	}
	defer p.s.mu.Unlock()
	return p.s.show(sub), nil
}

// UpdateSubscription changes what the mask names.
func (p subscriber) UpdateSubscription(ctx context.Context, req *pubsubpb.UpdateSubscriptionRequest) (*pubsubpb.Subscription, error) {
	sub, err := p.s.find(ctx, req.GetSubscription().GetName(), updateSubscriptions)
	if err != nil {
		return nil, err
	}
	defer p.s.mu.Unlock()
	changed := proto.CloneOf(sub.shown)
	if err := merge(changed, req.GetSubscription(), req.GetUpdateMask(), "ack_deadline_seconds", "push_config", "labels",
		"retain_acked_messages", "message_retention_duration", "expiration_policy", "dead_letter_policy", "retry_policy",
		"enable_exactly_once_delivery", "bigquery_config", "cloud_storage_config", "bigtable_config", "message_transforms"); err != nil {
		return nil, err
	}
	return p.s.change(ctx, sub, changed)
}

// change puts a changed subscription in place of what it is.
func (s *Service) change(ctx context.Context, sub *subscription, changed *pubsubpb.Subscription) (*pubsubpb.Subscription, error) {
	push := !proto.Equal(changed.GetPushConfig(), sub.shown.GetPushConfig())
	if err := s.checkFor(ctx, changed, push); err != nil {
		return nil, err
	}
	dead := changed.GetDeadLetterPolicy().GetDeadLetterTopic()
	if _, ok := s.topics[dead]; !ok && dead != "" && dead != sub.shown.GetDeadLetterPolicy().GetDeadLetterTopic() {
		return nil, notFound(dead)
	}
	if err := s.saveSubscription(changed, s.now()); err != nil {
		return nil, internal(err)
	}
	sub.active = s.now()
	sub.configure(changed)
	if push {
		sub.window.reset()
	}
	sub.wake()
	sub.tell()
	return s.show(sub), nil
}

// ModifyPushConfig makes a subscription push otherwise, or be pulled.
func (p subscriber) ModifyPushConfig(ctx context.Context, req *pubsubpb.ModifyPushConfigRequest) (*emptypb.Empty, error) {
	sub, err := p.s.find(ctx, req.GetSubscription(), updateSubscriptions)
	if err != nil {
		return nil, err
	}
	defer p.s.mu.Unlock()
	changed := proto.CloneOf(sub.shown)
	changed.PushConfig = proto.CloneOf(req.GetPushConfig())
	if _, err := p.s.change(ctx, sub, changed); err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}

// ListSubscriptions lists the subscriptions of a project.
func (p subscriber) ListSubscriptions(ctx context.Context, req *pubsubpb.ListSubscriptionsRequest) (*pubsubpb.ListSubscriptionsResponse, error) {
	s := p.s
	if err := s.project(ctx, req.GetProject(), listSubscriptions); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	names, next, err := page(within(req.GetProject(), s.subscriptions), req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	answer := &pubsubpb.ListSubscriptionsResponse{NextPageToken: next}
	for _, name := range names {
		answer.Subscriptions = append(answer.Subscriptions, s.show(s.subscriptions[name]))
	}
	return answer, nil
}

// DeleteSubscription deletes a subscription with its messages.
func (p subscriber) DeleteSubscription(ctx context.Context, req *pubsubpb.DeleteSubscriptionRequest) (*emptypb.Empty, error) {
	sub, err := p.s.find(ctx, req.GetSubscription(), deleteSubscriptions)
	if err != nil {
		return nil, err
	}
	defer p.s.mu.Unlock()
	return &emptypb.Empty{}, p.s.delete(sub)
}

// delete ends a subscription.
func (s *Service) delete(sub *subscription) error {
	if err := s.forget(sub.shown.GetName()); err != nil {
		return err
	}
	sub.gone = true
	sub.stop()
	sub.tell()
	delete(s.subscriptions, sub.shown.GetName())
	return nil
}

// DetachSubscription takes a subscription off its topic, with its messages.
func (p publisher) DetachSubscription(ctx context.Context, req *pubsubpb.DetachSubscriptionRequest) (*pubsubpb.DetachSubscriptionResponse, error) {
	sub, err := p.s.find(ctx, req.GetSubscription(), getSubscriptions)
	if err != nil {
		return nil, err
	}
	defer p.s.mu.Unlock()
	if err := p.s.authorize(ctx, detachFrom, sub.shown.GetTopic()); err != nil {
		return nil, err
	}
	sub.shown.Detached = true
	sub.queue.Clear()
	if err := errors.Join(p.s.saveSubscription(sub.shown, sub.active), p.s.flush(sub)); err != nil {
		return nil, internal(err)
	}
	sub.tell()
	return &pubsubpb.DetachSubscriptionResponse{}, nil
}

// pulled refuses what can only be done with a subscription that is pulled.
func (sub *subscription) pulled() error {
	switch {
	case sub.gone:
		return notFound(sub.shown.GetName())
	case sub.shown.GetDetached():
		return status.Errorf(codes.FailedPrecondition, "The subscription is detached (resource=%s).", sub.shown.GetName())
	case sub.pushes():
		return status.Errorf(codes.FailedPrecondition, "This method is not supported for this subscription type (resource=%s), which pushes.", sub.shown.GetName())
	}
	return nil
}
