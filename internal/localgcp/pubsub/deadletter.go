package pubsub

import (
	"maps"
	"path"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/localgcp/pubsub/queue"
)

// buryAll forwards what cannot be delivered to the dead-letter topic. What the
// service agent may not forward stays, and is tried on.
func (s *Service) buryAll(sub *subscription) {
	topic := sub.shown.GetDeadLetterPolicy().GetDeadLetterTopic()
	if topic == "" {
		return
	}
	exhausted := sub.queue.Exhausted()
	if len(exhausted) == 0 {
		return
	}
	if missing := s.lacksToBury(sub, topic); missing != "" {
		s.log.Warn().Str("subscription", sub.shown.GetName()).Str("topic", topic).Str("agent", s.agent.Email()).Str("lacks", missing).
			Int("messages", len(exhausted)).Msg("undeliverable messages stay, as the service agent may not forward them")
		return
	}
	for _, m := range exhausted {
		if _, err := s.publish(topic, []*pubsubpb.PubsubMessage{buried(sub.shown, m)}); err != nil {
			s.log.Warn().Err(err).Str("subscription", sub.shown.GetName()).Msg("an undeliverable message stays")
			continue
		}
		sub.queue.Drop(m.ID)
	}
}

// lacksToBury is what the service agent lacks, as PERMISSION on RESOURCE.
func (s *Service) lacksToBury(sub *subscription, topic string) string {
	switch subscription := sub.shown.GetName(); {
	case !s.agentMay(publishTo, topic):
		return publishTo + " on " + topic
	case !s.agentMay(consumeSubscriptions, subscription):
		return consumeSubscriptions + " on " + subscription
	}
	return ""
}

// buried is a message as it goes to the dead-letter topic.
func buried(sub *pubsubpb.Subscription, m queue.Message) *pubsubpb.PubsubMessage {
	const source = "CloudPubSubDeadLetterSource"
	dead := proto.CloneOf(m.Content)
	project := strings.Split(sub.GetName(), "/")[1]
	added := map[string]string{
		source + "DeliveryCount":       strconv.Itoa(m.Failures),
		source + "Subscription":        path.Base(sub.GetName()),
		source + "SubscriptionProject": project,
		source + "TopicPublishTime":    m.Content.GetPublishTime().AsTime().Format(time.RFC3339Nano),
	}
	if dead.Attributes == nil {
		dead.Attributes = added
		return dead
	}
	maps.Copy(dead.GetAttributes(), added)
	return dead
}
