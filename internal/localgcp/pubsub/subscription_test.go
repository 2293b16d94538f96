package pubsub

import (
	"testing"
	"time"

	"cloud.google.com/go/iam/apiv1/iampb"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

func TestDefaults(t *testing.T) {
	inWorld(t, func(w *world) {
		w.topic(deadName)
		got := w.subscribe(&pubsubpb.Subscription{
			PushConfig:       pushTo(endpoint),
			DeadLetterPolicy: &pubsubpb.DeadLetterPolicy{DeadLetterTopic: deadName},
			RetryPolicy:      &pubsubpb.RetryPolicy{},
		})
		want := &pubsubpb.Subscription{
			Name: subName, Topic: topicName, AckDeadlineSeconds: 10, State: pubsubpb.Subscription_ACTIVE,
			PushConfig:               &pubsubpb.PushConfig{PushEndpoint: endpoint, Attributes: map[string]string{"x-goog-version": "v1"}},
			MessageRetentionDuration: durationpb.New(7 * day),
			ExpirationPolicy:         &pubsubpb.ExpirationPolicy{Ttl: durationpb.New(31 * day)},
			DeadLetterPolicy:         &pubsubpb.DeadLetterPolicy{DeadLetterTopic: deadName, MaxDeliveryAttempts: 5},
			RetryPolicy:              &pubsubpb.RetryPolicy{MinimumBackoff: durationpb.New(10 * time.Second), MaximumBackoff: durationpb.New(10 * time.Minute)},
		}
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestSubscriptionsRefuse(t *testing.T) {
	t.Parallel()
	ttl := func(d time.Duration) *pubsubpb.ExpirationPolicy {
		return &pubsubpb.ExpirationPolicy{Ttl: durationpb.New(d)}
	}
	dead := func(topic string, attempts int32) *pubsubpb.DeadLetterPolicy {
		return &pubsubpb.DeadLetterPolicy{DeadLetterTopic: topic, MaxDeliveryAttempts: attempts}
	}
	tests := []struct {
		name string
		sub  *pubsubpb.Subscription
		code codes.Code
		want string
	}{
		{"short deadline", &pubsubpb.Subscription{AckDeadlineSeconds: 9}, codes.InvalidArgument, "got 9, want 10 to 600"},
		{"long deadline", &pubsubpb.Subscription{AckDeadlineSeconds: 601}, codes.InvalidArgument, "got 601"},
		{"short retention", &pubsubpb.Subscription{MessageRetentionDuration: durationpb.New(time.Second)}, codes.InvalidArgument, "message_retention_duration"},
		{"no duration", &pubsubpb.Subscription{MessageRetentionDuration: &durationpb.Duration{Seconds: 1, Nanos: -1}}, codes.InvalidArgument, "message_retention_duration"},
		{"short expiry", &pubsubpb.Subscription{ExpirationPolicy: ttl(time.Hour)}, codes.InvalidArgument, "expiration_policy.ttl: got 1h0m0s"},
		{"expiry before the retention's end", &pubsubpb.Subscription{ExpirationPolicy: ttl(2 * day)}, codes.InvalidArgument, "at least the message_retention_duration"},
		{"few attempts", &pubsubpb.Subscription{DeadLetterPolicy: dead(topicName, 4)}, codes.InvalidArgument, "got 4, want 5 to 100"},
		{"many attempts", &pubsubpb.Subscription{DeadLetterPolicy: dead(topicName, 101)}, codes.InvalidArgument, "got 101"},
		{"no dead-letter topic", &pubsubpb.Subscription{DeadLetterPolicy: dead("", 5)}, codes.InvalidArgument, "Invalid [topics] name"},
		{"dead-letter topic that is not there", &pubsubpb.Subscription{DeadLetterPolicy: dead(deadName, 5)}, codes.NotFound, deadName},
		{"long backoff", &pubsubpb.Subscription{RetryPolicy: &pubsubpb.RetryPolicy{MaximumBackoff: durationpb.New(time.Hour)}}, codes.InvalidArgument, "retry_policy.maximum_backoff"},
		{"backoffs the wrong way", &pubsubpb.Subscription{RetryPolicy: &pubsubpb.RetryPolicy{MaximumBackoff: durationpb.New(time.Second)}}, codes.InvalidArgument, "got 1s, want 10s to 10m0s"},
		{"filter", &pubsubpb.Subscription{Filter: "nonsense"}, codes.InvalidArgument, `Invalid filter: at byte`},
		{"exactly once and push", &pubsubpb.Subscription{EnableExactlyOnceDelivery: true, PushConfig: pushTo(endpoint)}, codes.InvalidArgument, "Exactly-once delivery is not supported for push"},
		{"http", &pubsubpb.Subscription{PushConfig: pushTo("http://example.com/")}, codes.InvalidArgument, "want an https URL"},
		{"no host", &pubsubpb.Subscription{PushConfig: pushTo("https:///x")}, codes.InvalidArgument, "want an https URL"},
		{"no URL", &pubsubpb.Subscription{PushConfig: pushTo("::")}, codes.InvalidArgument, "want an https URL"},
		{"no account", &pubsubpb.Subscription{PushConfig: &pubsubpb.PushConfig{PushEndpoint: endpoint, AuthenticationMethod: &pubsubpb.PushConfig_OidcToken_{OidcToken: &pubsubpb.PushConfig_OidcToken{}}}}, codes.InvalidArgument, "no service_account_email"},
		{"version", &pubsubpb.Subscription{PushConfig: &pubsubpb.PushConfig{PushEndpoint: endpoint, Attributes: map[string]string{"x-goog-version": "v9"}}}, codes.InvalidArgument, `"v9"`},
		{"export", &pubsubpb.Subscription{BigqueryConfig: &pubsubpb.BigQueryConfig{}}, codes.Unimplemented, "export subscriptions"},
		{"transforms", &pubsubpb.Subscription{MessageTransforms: []*pubsubpb.MessageTransform{{}}}, codes.Unimplemented, "message transforms"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.topic(topicName)
				tt.sub.Name, tt.sub.Topic = subName, topicName
				_, err := w.CreateSubscription(w.ctx, tt.sub)
				refused(t, err, tt.code, tt.want)
			})
		})
	}
}

func TestSubscriptionsOfATopic(t *testing.T) {
	inWorld(t, func(w *world) {
		_, err := w.CreateSubscription(w.ctx, &pubsubpb.Subscription{Name: subName, Topic: topicName})
		refused(t, err, codes.NotFound, topicName)
		w.subscribe(&pubsubpb.Subscription{PushConfig: pushTo("http://127.0.0.1:1/")})
		_, err = w.CreateSubscription(w.ctx, &pubsubpb.Subscription{Name: subName, Topic: topicName})
		refused(t, err, codes.AlreadyExists, subName)
		_, err = w.CreateSubscription(w.ctx, &pubsubpb.Subscription{Name: deadSub, Topic: "projects/other/topics/news"})
		refused(t, err, codes.PermissionDenied, attachTo)
		other := &pubsubpb.Subscription{Name: deadSub, Topic: topicName}
		w.revoke(project, "roles/pubsub.admin")
		w.grant(project, "roles/pubsub.viewer", "user:"+developer)
		_, err = w.CreateSubscription(w.ctx, other)
		refused(t, err, codes.PermissionDenied, createSubscriptions)
	})
}

func TestUpdate(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{})
		w.publish("a")
		update := &pubsubpb.UpdateSubscriptionRequest{
			Subscription: &pubsubpb.Subscription{Name: subName, AckDeadlineSeconds: 60, Labels: map[string]string{"not": "named"}},
			UpdateMask:   &fieldmaskpb.FieldMask{Paths: []string{"ack_deadline_seconds"}},
		}
		got, err := w.UpdateSubscription(w.ctx, update)
		if err != nil || got.GetAckDeadlineSeconds() != 60 || len(got.GetLabels()) != 0 {
			t.Errorf("got %v, %v, want the deadline alone changed", got, err)
		}
		w.wants("at first", "a")
		w.pass(59 * time.Second)
		w.wants("within the new deadline")
		w.pass(time.Second)
		w.wants("after it", "a")
		update.Subscription.AckDeadlineSeconds = 5
		_, err = w.UpdateSubscription(w.ctx, update)
		refused(t, err, codes.InvalidArgument, "got 5, want 10 to 600")
	})
}

func TestDetachedSubscription(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{})
		w.publish("a")
		if _, err := w.DetachSubscription(w.ctx, &pubsubpb.DetachSubscriptionRequest{Subscription: subName}); err != nil {
			t.Fatal(err)
		}
		w.publish("b")
		if kept, err := w.service.store.messages(subName); err != nil || len(kept) != 0 {
			t.Errorf("got %d messages kept, %v, want none", len(kept), err)
		}
		for range 2 {
			_, err := w.Pull(w.ctx, &pubsubpb.PullRequest{Subscription: subName, MaxMessages: 1})
			refused(t, err, codes.FailedPrecondition, "detached")
			got, err := w.GetSubscription(w.ctx, &pubsubpb.GetSubscriptionRequest{Subscription: subName})
			if err != nil || !got.GetDetached() {
				t.Errorf("got %v, %v, want it detached", got, err)
			}
			w.restart()
		}
	})
}

func TestSubscriptionOutlivesItsTopic(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{})
		w.publish("a")
		if _, err := w.DeleteTopic(w.ctx, &pubsubpb.DeleteTopicRequest{Topic: topicName}); err != nil {
			t.Fatal(err)
		}
		w.topic(topicName)
		w.publish("b")
		w.restart()
		w.wants("of the topic before", "a")
		got, err := w.GetSubscription(w.ctx, &pubsubpb.GetSubscriptionRequest{Subscription: subName})
		if err != nil || got.GetTopic() != "_deleted-topic_" {
			t.Errorf("got %v, %v, want the name of no topic", got, err)
		}
	})
}

func TestPolicies(t *testing.T) {
	inWorld(t, func(w *world) {
		w.subscribe(&pubsubpb.Subscription{})
		_, err := w.SetIamPolicy(w.ctx, &iampb.SetIamPolicyRequest{Resource: topicName, Policy: &iampb.Policy{
			Bindings: []*iampb.Binding{{Role: "roles/pubsub.publisher", Members: []string{"user:" + stranger}}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		policy, err := w.GetIamPolicy(w.ctx, &iampb.GetIamPolicyRequest{Resource: topicName})
		if err != nil || len(policy.GetBindings()) != 1 {
			t.Errorf("got %v, %v, want the binding", policy, err)
		}
		held, err := w.TestIamPermissions(w.as(stranger), &iampb.TestIamPermissionsRequest{Resource: topicName, Permissions: []string{publishTo, deleteTopics}})
		if err != nil || !cmp.Equal(held.GetPermissions(), []string{publishTo}) {
			t.Errorf("got %v, %v, want %s", held, err, publishTo)
		}
		_, err = w.GetIamPolicy(w.ctx, &iampb.GetIamPolicyRequest{Resource: deadName})
		refused(t, err, codes.NotFound, deadName)
		_, err = w.GetIamPolicy(w.ctx, &iampb.GetIamPolicyRequest{Resource: project})
		refused(t, err, codes.InvalidArgument, "a topic's or a subscription's")
	})
}

func FuzzNames(f *testing.F) {
	f.Add(topicName)
	f.Add(subName)
	f.Add("projects//topics/../../x")
	f.Fuzz(func(t *testing.T, text string) {
		for _, kind := range []string{topics, subscriptions} {
			n, err := parseName(kind, text)
			if err == nil && (n.String() != text || n.kind != kind || n.id == ".." || n.project == "..") {
				t.Errorf("%q became %+v", text, n)
			}
		}
	})
}
