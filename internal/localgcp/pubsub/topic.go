package pubsub

import (
	"context"
	"maps"
	"slices"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
)

// CreateTopic makes a topic.
func (p publisher) CreateTopic(ctx context.Context, req *pubsubpb.Topic) (*pubsubpb.Topic, error) {
	s := p.s
	n, err := parseName(topics, req.GetName())
	if err != nil {
		return nil, err
	}
	if err := s.authorize(ctx, createTopics, n.parent()); err != nil {
		return nil, err
	}
	topic := proto.CloneOf(req)
	if err := checkTopic(topic); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.topics[topic.GetName()]; ok {
		return nil, exists(topic.GetName())
	}
	return s.putTopic(topic)
}

// putTopic keeps a topic. What it returns is the caller's.
func (s *Service) putTopic(topic *pubsubpb.Topic) (*pubsubpb.Topic, error) {
	topic.State = pubsubpb.Topic_ACTIVE
	if err := s.saveTopic(topic); err != nil {
		return nil, internal(err)
	}
	s.topics[topic.GetName()] = topic
	return proto.CloneOf(topic), nil
}

// GetTopic returns a topic.
func (p publisher) GetTopic(ctx context.Context, req *pubsubpb.GetTopicRequest) (*pubsubpb.Topic, error) {
	s := p.s
	if err := s.named(ctx, topics, req.GetTopic(), getTopics); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	topic, ok := s.topics[req.GetTopic()]
	if !ok {
		return nil, notFound(req.GetTopic())
	}
	return proto.CloneOf(topic), nil
}

// UpdateTopic changes what the mask names.
func (p publisher) UpdateTopic(ctx context.Context, req *pubsubpb.UpdateTopicRequest) (*pubsubpb.Topic, error) {
	s := p.s
	name := req.GetTopic().GetName()
	if err := s.named(ctx, topics, name, updateTopics); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	topic, ok := s.topics[name]
	if !ok {
		return nil, notFound(name)
	}
	changed := proto.CloneOf(topic)
	if err := merge(changed, req.GetTopic(), req.GetUpdateMask(), "labels", "message_storage_policy", "message_retention_duration",
		"kms_key_name", "schema_settings", "ingestion_data_source_settings", "message_transforms"); err != nil {
		return nil, err
	}
	if err := checkTopic(changed); err != nil {
		return nil, err
	}
	return s.putTopic(changed)
}

// ListTopics lists the topics of a project.
func (p publisher) ListTopics(ctx context.Context, req *pubsubpb.ListTopicsRequest) (*pubsubpb.ListTopicsResponse, error) {
	s := p.s
	if err := s.project(ctx, req.GetProject(), listTopics); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	names, next, err := page(within(req.GetProject(), s.topics), req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	answer := &pubsubpb.ListTopicsResponse{NextPageToken: next}
	for _, name := range names {
		answer.Topics = append(answer.Topics, proto.CloneOf(s.topics[name]))
	}
	return answer, nil
}

// ListTopicSubscriptions lists the names of the subscriptions of a topic.
func (p publisher) ListTopicSubscriptions(ctx context.Context, req *pubsubpb.ListTopicSubscriptionsRequest) (*pubsubpb.ListTopicSubscriptionsResponse, error) {
	s := p.s
	if err := s.named(ctx, topics, req.GetTopic(), getTopics); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.topics[req.GetTopic()]; !ok {
		return nil, notFound(req.GetTopic())
	}
	names, next, err := page(s.subscribers(req.GetTopic()), req.GetPageSize(), req.GetPageToken())
	return &pubsubpb.ListTopicSubscriptionsResponse{Subscriptions: names, NextPageToken: next}, err
}

// DeleteTopic deletes a topic. Its subscriptions stay, with the messages that they
// hold.
func (p publisher) DeleteTopic(ctx context.Context, req *pubsubpb.DeleteTopicRequest) (*emptypb.Empty, error) {
	s := p.s
	if err := s.named(ctx, topics, req.GetTopic(), deleteTopics); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.topics[req.GetTopic()]; !ok {
		return nil, notFound(req.GetTopic())
	}
	if err := s.forget(req.GetTopic()); err != nil {
		return nil, err
	}
	for _, name := range s.subscribers(req.GetTopic()) {
		sub := s.subscriptions[name]
		sub.shown.Topic = deletedTopic
		s.logged(s.saveSubscription(sub.shown, sub.active))
	}
	delete(s.topics, req.GetTopic())
	return &emptypb.Empty{}, nil
}

// within are the names of one project.
func within[T any](project string, all map[string]T) []string {
	return slices.DeleteFunc(slices.Collect(maps.Keys(all)), func(text string) bool {
		return !belongs(text, project)
	})
}
