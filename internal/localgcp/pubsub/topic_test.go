package pubsub

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/iam/apiv1/iampb"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

func TestTopics(t *testing.T) {
	inWorld(t, func(w *world) {
		w.topic(topicName)
		_, err := w.CreateTopic(w.ctx, &pubsubpb.Topic{Name: topicName})
		refused(t, err, codes.AlreadyExists, "Resource already exists in the project (resource="+topicName+").")
		changed, err := w.UpdateTopic(w.ctx, &pubsubpb.UpdateTopicRequest{
			Topic:      &pubsubpb.Topic{Name: topicName, Labels: map[string]string{"a": "b"}, MessageRetentionDuration: durationpb.New(time.Hour)},
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"labels"}},
		})
		want := &pubsubpb.Topic{Name: topicName, Labels: map[string]string{"a": "b"}, State: pubsubpb.Topic_ACTIVE}
		if err != nil || !proto.Equal(changed, want) {
			t.Errorf("updated: got %v, %v, want %v", changed, err, want)
		}
		got, err := w.GetTopic(w.ctx, &pubsubpb.GetTopicRequest{Topic: topicName})
		if err != nil || !proto.Equal(got, want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
		if _, err := w.DeleteTopic(w.ctx, &pubsubpb.DeleteTopicRequest{Topic: topicName}); err != nil {
			t.Fatal(err)
		}
		_, err = w.GetTopic(w.ctx, &pubsubpb.GetTopicRequest{Topic: topicName})
		refused(t, err, codes.NotFound, "Resource not found (resource="+topicName+").")
	})
}

func TestLists(t *testing.T) {
	inWorld(t, func(w *world) {
		w.topic(topicName)
		var want []string
		for i := range 5 {
			want = append(want, fmt.Sprintf("%s/subscriptions/s-%d", project, i))
			if _, err := w.CreateSubscription(w.ctx, &pubsubpb.Subscription{Name: want[i], Topic: topicName}); err != nil {
				t.Fatal(err)
			}
		}
		var ofTopic, ofProject []string
		for token := ""; ; {
			page, err := w.ListTopicSubscriptions(w.ctx, &pubsubpb.ListTopicSubscriptionsRequest{Topic: topicName, PageSize: 2, PageToken: token})
			if err != nil {
				t.Fatal(err)
			}
			ofTopic = append(ofTopic, page.GetSubscriptions()...)
			if token = page.GetNextPageToken(); token == "" {
				break
			}
		}
		all, err := w.ListSubscriptions(w.ctx, &pubsubpb.ListSubscriptionsRequest{Project: project})
		if err != nil {
			t.Fatal(err)
		}
		for _, sub := range all.GetSubscriptions() {
			ofProject = append(ofProject, sub.GetName())
		}
		if !slices.Equal(ofTopic, want) || !slices.Equal(ofProject, want) {
			t.Errorf("got %q of the topic and %q of the project, want %q", ofTopic, ofProject, want)
		}
		listed, err := w.ListTopics(w.ctx, &pubsubpb.ListTopicsRequest{Project: project})
		if err != nil || len(listed.GetTopics()) != 1 || listed.GetTopics()[0].GetName() != topicName {
			t.Errorf("got %v, %v, want the topic", listed, err)
		}
		_, err = w.ListTopics(w.ctx, &pubsubpb.ListTopicsRequest{Project: "local-project"})
		refused(t, err, codes.InvalidArgument, "want projects/PROJECT")
	})
}

func TestTopicsRefuse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		topic *pubsubpb.Topic
		code  codes.Code
		want  string
	}{
		{"no name", &pubsubpb.Topic{}, codes.InvalidArgument, "Invalid [topics] name"},
		{"short id", &pubsubpb.Topic{Name: project + "/topics/ab"}, codes.InvalidArgument, "3 to 255"},
		{"long id", &pubsubpb.Topic{Name: project + "/topics/" + strings.Repeat("a", 256)}, codes.InvalidArgument, "3 to 255"},
		{"goog", &pubsubpb.Topic{Name: project + "/topics/google"}, codes.InvalidArgument, "not with goog"},
		{"a path", &pubsubpb.Topic{Name: project + "/topics/../x"}, codes.InvalidArgument, "Invalid [topics] name"},
		{"a subscription", &pubsubpb.Topic{Name: subName}, codes.InvalidArgument, "Invalid [topics] name"},
		{"short retention", &pubsubpb.Topic{Name: topicName, MessageRetentionDuration: durationpb.New(time.Minute)}, codes.InvalidArgument, "got 1m0s, want 10m0s to 744h0m0s"},
		{"key", &pubsubpb.Topic{Name: topicName, KmsKeyName: "k"}, codes.Unimplemented, "Cloud KMS"},
		{"schema", &pubsubpb.Topic{Name: topicName, SchemaSettings: &pubsubpb.SchemaSettings{}}, codes.Unimplemented, "schemas"},
		{"other project", &pubsubpb.Topic{Name: "projects/other/topics/abc"}, codes.PermissionDenied, createTopics},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				_, err := w.CreateTopic(w.ctx, tt.topic)
				refused(t, err, tt.code, tt.want)
			})
		})
	}
}

func TestUpdateRefuses(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{})
		for path, want := range map[string]string{"": "must be set", "name": `got "name"`, "topic": `got "topic"`, "filter": `got "filter"`, "enable_message_ordering": `got "enable`, "push_config.x": `has no field "x"`} {
			mask := &fieldmaskpb.FieldMask{Paths: []string{path}}
			if path == "" {
				mask = nil
			}
			_, err := w.UpdateSubscription(w.ctx, &pubsubpb.UpdateSubscriptionRequest{Subscription: &pubsubpb.Subscription{Name: subName}, UpdateMask: mask})
			refused(t, err, codes.InvalidArgument, want)
		}
		_, err := w.UpdateTopic(w.ctx, &pubsubpb.UpdateTopicRequest{Topic: &pubsubpb.Topic{Name: topicName}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"name"}}})
		refused(t, err, codes.InvalidArgument, `got "name"`)
	})
}

func TestPublishRefuses(t *testing.T) {
	t.Parallel()
	one := func(m *pubsubpb.PubsubMessage) []*pubsubpb.PubsubMessage { return []*pubsubpb.PubsubMessage{m} }
	many := map[string]string{}
	for i := range maxAttributes + 1 {
		many[fmt.Sprint(i)] = "x"
	}
	long := strings.Repeat("x", 1025)
	tests := []struct {
		name     string
		messages []*pubsubpb.PubsubMessage
		want     string
	}{
		{"nothing", nil, "0 messages, want 1 to 1000"},
		{"too many", slices.Repeat(one(&pubsubpb.PubsubMessage{Data: []byte("x")}), 1001), "1001 messages"},
		{"too large", one(&pubsubpb.PubsubMessage{Data: make([]byte, maxBytes)}), "want at most 10000000"},
		{"empty", one(&pubsubpb.PubsubMessage{OrderingKey: "k"}), "Message 0: it is empty"},
		{"attributes", one(&pubsubpb.PubsubMessage{Attributes: many}), "101 attributes, want at most 100"},
		{"no key", one(&pubsubpb.PubsubMessage{Attributes: map[string]string{"": "x"}}), "key has 0 bytes"},
		{"long key", one(&pubsubpb.PubsubMessage{Attributes: map[string]string{long[:257]: "x"}}), "key has 257 bytes"},
		{"long value", one(&pubsubpb.PubsubMessage{Attributes: map[string]string{"k": long}}), "1025 bytes, want at most 1024"},
		{"goog", one(&pubsubpb.PubsubMessage{Attributes: map[string]string{"googclient": "x"}}), "begins with goog"},
		{"ordering key", one(&pubsubpb.PubsubMessage{Data: []byte("x"), OrderingKey: long}), "ordering key has 1025 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.topic(topicName)
				_, err := w.Publish(w.ctx, &pubsubpb.PublishRequest{Topic: topicName, Messages: tt.messages})
				refused(t, err, codes.InvalidArgument, tt.want)
			})
		})
	}
}

// Another service of Google's publishes without a caller.
func TestPublishForOthers(t *testing.T) {
	inWorld(t, func(w *world) {
		refused(t, w.service.Publish(t.Context(), topicName, []byte("a"), nil), codes.NotFound, topicName)
		w.subscribe(&pubsubpb.Subscription{})
		if err := w.service.Publish(t.Context(), topicName, []byte("a"), nil); err != nil {
			t.Fatal(err)
		}
		w.wants("what the other service sent", "a")
		refused(t, w.service.Publish(t.Context(), topicName, nil, nil), codes.InvalidArgument, "it is empty")
	})
}

func TestEveryMethodAsksForAPermission(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{})
		nobody := w.as(stranger)
		mask := &fieldmaskpb.FieldMask{Paths: []string{"labels"}}
		calls := map[string]func() error{
			createTopics: func() error { _, err := w.CreateTopic(nobody, &pubsubpb.Topic{Name: deadName}); return err },
			getTopics:    func() error { _, err := w.GetTopic(nobody, &pubsubpb.GetTopicRequest{Topic: topicName}); return err },
			listTopics: func() error {
				_, err := w.ListTopics(nobody, &pubsubpb.ListTopicsRequest{Project: project})
				return err
			},
			updateTopics: func() error {
				_, err := w.UpdateTopic(nobody, &pubsubpb.UpdateTopicRequest{Topic: &pubsubpb.Topic{Name: topicName}, UpdateMask: mask})
				return err
			},
			deleteTopics: func() error {
				_, err := w.DeleteTopic(nobody, &pubsubpb.DeleteTopicRequest{Topic: topicName})
				return err
			},
			publishTo: func() error { _, err := w.Publish(nobody, &pubsubpb.PublishRequest{Topic: topicName}); return err },
			createSubscriptions: func() error {
				_, err := w.CreateSubscription(nobody, &pubsubpb.Subscription{Name: deadSub, Topic: topicName})
				return err
			},
			getSubscriptions: func() error {
				_, err := w.GetSubscription(nobody, &pubsubpb.GetSubscriptionRequest{Subscription: subName})
				return err
			},
			listSubscriptions: func() error {
				_, err := w.ListSubscriptions(nobody, &pubsubpb.ListSubscriptionsRequest{Project: project})
				return err
			},
			updateSubscriptions: func() error {
				_, err := w.UpdateSubscription(nobody, &pubsubpb.UpdateSubscriptionRequest{Subscription: &pubsubpb.Subscription{Name: subName}, UpdateMask: mask})
				return err
			},
			deleteSubscriptions: func() error {
				_, err := w.DeleteSubscription(nobody, &pubsubpb.DeleteSubscriptionRequest{Subscription: subName})
				return err
			},
			consumeSubscriptions: func() error {
				_, err := w.Acknowledge(nobody, &pubsubpb.AcknowledgeRequest{Subscription: subName, AckIds: []string{"x"}})
				return err
			},
			"pubsub.topics.getIamPolicy": func() error {
				_, err := w.GetIamPolicy(nobody, &iampb.GetIamPolicyRequest{Resource: topicName})
				return err
			},
			"pubsub.subscriptions.setIamPolicy": func() error {
				_, err := w.SetIamPolicy(nobody, &iampb.SetIamPolicyRequest{Resource: subName})
				return err
			},
		}
		for permission, call := range calls {
			refused(t, call(), codes.PermissionDenied, "'"+permission+"'")
		}
		w.grant(subName, "roles/pubsub.viewer", "user:"+stranger)
		_, err := w.DetachSubscription(nobody, &pubsubpb.DetachSubscriptionRequest{Subscription: subName})
		refused(t, err, codes.PermissionDenied, detachFrom)
		w.grant(project, "roles/pubsub.editor", "user:"+stranger)
		if _, err := w.GetTopic(nobody, &pubsubpb.GetTopicRequest{Topic: topicName}); err != nil {
			t.Errorf("with a role on the project: %v", err)
		}
	})
}

func TestAPolicyGoesWithItsTopic(t *testing.T) {
	inWorld(t, func(w *world) {
		w.topic(topicName)
		_, err := w.SetIamPolicy(w.ctx, &iampb.SetIamPolicyRequest{Resource: topicName, Policy: &iampb.Policy{
			Bindings: []*iampb.Binding{{Role: "roles/pubsub.viewer", Members: []string{"user:" + stranger}}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.GetTopic(w.as(stranger), &pubsubpb.GetTopicRequest{Topic: topicName}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.DeleteTopic(w.ctx, &pubsubpb.DeleteTopicRequest{Topic: topicName}); err != nil {
			t.Fatal(err)
		}
		w.topic(topicName)
		_, err = w.GetTopic(w.as(stranger), &pubsubpb.GetTopicRequest{Topic: topicName})
		refused(t, err, codes.PermissionDenied, getTopics)
	})
}
