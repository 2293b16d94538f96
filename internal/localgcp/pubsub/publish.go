package pubsub

import (
	"context"
	"strconv"
	"strings"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Limits of Pub/Sub on what is published.
const (
	maxMessages       = 1000
	maxBytes          = 10_000_000
	maxAttributes     = 100
	maxAttributeKey   = 256
	maxAttributeValue = 1024
	maxOrderingKey    = 1024
)

// Publish puts messages into the subscriptions of a topic.
func (p publisher) Publish(ctx context.Context, req *pubsubpb.PublishRequest) (*pubsubpb.PublishResponse, error) {
	s := p.s
	if err := s.named(ctx, topics, req.GetTopic(), publishTo); err != nil {
		return nil, err
	}
	if err := checkPublish(req); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ids, err := s.publish(req.GetTopic(), req.GetMessages())
	return &pubsubpb.PublishResponse{MessageIds: ids}, err
}

// Publish puts one message into a topic, for another of Google's services, which
// has asked for the permission itself.
func (s *Service) Publish(_ context.Context, topic string, data []byte, attributes map[string]string) error {
	messages := []*pubsubpb.PubsubMessage{{Data: data, Attributes: attributes}}
	if err := checkPublish(&pubsubpb.PublishRequest{Topic: topic, Messages: messages}); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.publish(topic, messages)
	return err
}

// publish gives the messages their ids and times. It is called with the lock held.
func (s *Service) publish(topic string, messages []*pubsubpb.PubsubMessage) (ids []string, err error) {
	if _, ok := s.topics[topic]; !ok {
		return nil, notFound(topic)
	}
	now := timestamppb.New(s.now())
	subscribers := s.subscribers(topic)
	for _, m := range messages {
		id := s.nextID()
		content := proto.CloneOf(m)
		content.MessageId, content.PublishTime = strconv.FormatInt(id, 10), now
		ids = append(ids, content.GetMessageId())
		for _, name := range subscribers {
			sub := s.subscriptions[name]
			if !sub.shown.GetDetached() && sub.filter.Wants(content.GetAttributes()) {
				sub.queue.Add(id, content)
			}
		}
	}
	for _, name := range subscribers {
		if err := s.flush(s.subscriptions[name]); err != nil {
			return nil, internal(err)
		}
	}
	return ids, nil
}

// nextID grows with the time, so that ids of this start are greater than those of
// the one before even where no message was left of that.
func (s *Service) nextID() int64 {
	s.lastID = max(s.lastID+1, s.clock.Now().UnixMicro())
	return s.lastID
}

func checkPublish(req *pubsubpb.PublishRequest) error {
	if count := len(req.GetMessages()); count == 0 || count > maxMessages {
		return invalidf("The request has %d messages, want 1 to %d.", count, maxMessages)
	}
	if size := proto.Size(req); size > maxBytes {
		return invalidf("The request has %d bytes, want at most %d.", size, maxBytes)
	}
	for i, m := range req.GetMessages() {
		if err := checkMessage(m); err != nil {
			return invalidf("Message %d: %v", i, err)
		}
	}
	return nil
}

func checkMessage(m *pubsubpb.PubsubMessage) error {
	switch attributes := len(m.GetAttributes()); {
	case len(m.GetData()) == 0 && attributes == 0:
		return faultf("it is empty, want data or at least one attribute")
	case attributes > maxAttributes:
		return faultf("it has %d attributes, want at most %d", attributes, maxAttributes)
	case len(m.GetOrderingKey()) > maxOrderingKey:
		return faultf("its ordering key has %d bytes, want at most %d", len(m.GetOrderingKey()), maxOrderingKey)
	}
	for key, value := range m.GetAttributes() {
		switch {
		case key == "" || len(key) > maxAttributeKey:
			return faultf("an attribute's key has %d bytes, want 1 to %d", len(key), maxAttributeKey)
		case strings.HasPrefix(key, "goog"):
			return faultf("the attribute %q begins with goog, which Google keeps for itself", key)
		case len(value) > maxAttributeValue:
			return faultf("the attribute %q has %d bytes, want at most %d", key, len(value), maxAttributeValue)
		}
	}
	return nil
}
