package subscriptions

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/authcall/authcall/internal/sender"
	"github.com/authcall/authcall/internal/sender/sendertest"
)

const (
	name    = "projects/p/subscriptions/push"
	topic   = "projects/p/topics/orders"
	dead    = "projects/p/topics/dead"
	account = "caller@p.iam.gserviceaccount.com"
	url     = "https://hello-1.us-central1.run.app/orders"
)

func ptr[T any](v T) *T { return &v }

// settings are those of a good subscription, changed.
func settings(change func(*Settings)) Settings {
	s := Settings{Call: sender.Settings{URL: ptr(url), ServiceAccount: ptr(account)}, Topic: ptr(topic)}
	if change != nil {
		change(&s)
	}
	return s
}

// shown is a subscription as Pub/Sub shows the one of settings(nil).
func shown() *pubsubpb.Subscription {
	return &pubsubpb.Subscription{
		Name: name, Topic: topic, AckDeadlineSeconds: 10, State: pubsubpb.Subscription_ACTIVE,
		MessageRetentionDuration: durationpb.New(7 * 24 * time.Hour),
		ExpirationPolicy:         &pubsubpb.ExpirationPolicy{Ttl: durationpb.New(31 * 24 * time.Hour)},
		PushConfig: &pubsubpb.PushConfig{
			PushEndpoint: url, Attributes: map[string]string{"x-goog-version": "v1"},
			AuthenticationMethod: &pubsubpb.PushConfig_OidcToken_{OidcToken: &pubsubpb.PushConfig_OidcToken{
				ServiceAccountEmail: account, Audience: "https://hello-1.us-central1.run.app",
			}},
		},
	}
}

func TestUpdatesSayWhatTheyChange(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*Settings)
		want   []string
	}{
		{name: "nothing"},
		{name: "the defaults", change: func(s *Settings) { s.AckDeadline, s.NoWrapper = ptr(10*time.Second), ptr(false) }},
		{name: "an endpoint", change: func(s *Settings) { s.Call.URL = ptr(url + "/2") }, want: []string{"push_config"}},
		{name: "no wrapper", change: func(s *Settings) { s.NoWrapper, s.WriteMetadata = ptr(true), ptr(true) }, want: []string{"push_config"}},
		{name: "a deadline", change: func(s *Settings) { s.AckDeadline = ptr(time.Minute) }, want: []string{"ack_deadline_seconds"}},
		{name: "a backoff", change: func(s *Settings) { s.MinBackoff = ptr(time.Minute) }, want: []string{"retry_policy"}},
		{name: "dead letters", change: func(s *Settings) { s.DeadLetterTopic = ptr(dead) }, want: []string{"dead_letter_policy"}},
		{name: "a filter", change: func(s *Settings) { s.Filter = ptr(`attributes.a="b"`) }, want: []string{"filter"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, base := range []*pubsubpb.Subscription{shown(), {Name: name}} { // updated, or wanted from nothing
				want, err := settings(c.change).Apply(base)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.want, Kind().Mask(Kind().Changes(shown(), want))); diff != "" {
					t.Errorf("mask (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// What nothing here sets is no difference: somebody else set it, and it stays.
func TestWhatOthersSetStays(t *testing.T) {
	t.Parallel()
	have := shown()
	have.Labels, have.EnableMessageOrdering, have.RetainAckedMessages = map[string]string{"a": "b"}, true, true
	want, err := settings(nil).Apply(&pubsubpb.Subscription{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	if changes := Kind().Changes(have, want); len(changes) > 0 {
		t.Errorf("changes: %s", sender.Describe(changes))
	}
	updated, err := Settings{AckDeadline: ptr(time.Minute)}.Apply(have)
	if err != nil || updated.GetLabels()["a"] != "b" || updated.GetAckDeadlineSeconds() != 60 {
		t.Errorf("updated: %v, %v", updated, err)
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	got, err := settings(func(s *Settings) {
		s.NoWrapper, s.WriteMetadata, s.DeadLetterTopic, s.MaxDeliveryAttempts = ptr(true), ptr(true), ptr(dead), ptr(int32(7))
		s.MinBackoff, s.MaxBackoff = ptr(time.Second), ptr(time.Minute)
	}).Apply(&pubsubpb.Subscription{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	want := &pubsubpb.Subscription{
		Name: name, Topic: topic,
		PushConfig: &pubsubpb.PushConfig{
			PushEndpoint: url,
			AuthenticationMethod: &pubsubpb.PushConfig_OidcToken_{OidcToken: &pubsubpb.PushConfig_OidcToken{
				ServiceAccountEmail: account, Audience: "https://hello-1.us-central1.run.app",
			}},
			Wrapper: &pubsubpb.PushConfig_NoWrapper_{NoWrapper: &pubsubpb.PushConfig_NoWrapper{WriteMetadata: true}},
		},
		RetryPolicy:      &pubsubpb.RetryPolicy{MinimumBackoff: durationpb.New(time.Second), MaximumBackoff: durationpb.New(time.Minute)},
		DeadLetterPolicy: &pubsubpb.DeadLetterPolicy{DeadLetterTopic: dead, MaxDeliveryAttempts: 7},
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("subscription (-want +got):\n%s", diff)
	}
	back, err := Settings{NoWrapper: ptr(false), DeadLetterTopic: ptr("")}.Apply(got)
	if err != nil || back.GetPushConfig().GetWrapper() != nil || back.GetDeadLetterPolicy() != nil {
		t.Errorf("taken back: %v, %v", back, err)
	}
}

func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*Settings)
		want   string
	}{
		{"no topic", func(s *Settings) { s.Topic = nil }, "the topic is missing"},
		{"a topic", func(s *Settings) { s.Topic = ptr("projects/p/topics/1") }, `topic: got "1"`},
		{"Google's topic", func(s *Settings) { s.Topic = ptr("projects/p/topics/google") }, `topic: got "google"`},
		{"a dead letter topic", func(s *Settings) { s.DeadLetterTopic = ptr("x") }, `dead letter topic: got "x"`},
		{"attempts without dead letters", func(s *Settings) { s.MaxDeliveryAttempts = ptr(int32(5)) }, "with a dead letter topic only"},
		{"few attempts", func(s *Settings) { s.DeadLetterTopic, s.MaxDeliveryAttempts = ptr(dead), ptr(int32(4)) }, "delivery attempts: got 4"},
		{"a deadline", func(s *Settings) { s.AckDeadline = ptr(time.Hour) }, "acknowledgement deadline: got 3600s"},
		{"a long wait", func(s *Settings) { s.MaxBackoff = ptr(time.Hour) }, "backoff: got 0s to 1h0m0s"},
		{"an API as endpoint", func(s *Settings) { s.Call.URL = ptr("https://x.googleapis.com/") }, "Pub/Sub sends ID tokens only"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := settings(c.change).Apply(&pubsubpb.Subscription{Name: name}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Apply() error = %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	sub := &pubsubpb.Subscription{Name: name, Topic: topic, DeadLetterPolicy: &pubsubpb.DeadLetterPolicy{DeadLetterTopic: dead}}
	recorder, connection := sendertest.Serve(t, func(r grpc.ServiceRegistrar) {
		pubsubpb.RegisterPublisherServer(r, pubsubpb.UnimplementedPublisherServer{})
		pubsubpb.RegisterSubscriberServer(r, pubsubpb.UnimplementedSubscriberServer{})
	}, map[string]sendertest.Answer{
		"GetSubscription": sendertest.Always(sub), "CreateSubscription": sendertest.Always(sub), "UpdateSubscription": sendertest.Always(sub),
		"DeleteSubscription": sendertest.Always(&emptypb.Empty{}),
		"ListSubscriptions":  sendertest.Always(&pubsubpb.ListSubscriptionsResponse{Subscriptions: []*pubsubpb.Subscription{sub}}),
		// The topic is missing, and somebody else makes it meanwhile; that for dead
		// letters is there.
		"GetTopic":    sendertest.Fails(1, codes.NotFound, &pubsubpb.Topic{}),
		"CreateTopic": sendertest.Fails(1, codes.AlreadyExists, nil),
		"Publish":     sendertest.Always(&pubsubpb.PublishResponse{MessageIds: []string{"1"}}),
	})
	client, err := NewClient(t.Context(), connection)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	_, e1 := client.Get(ctx, name)
	_, e2 := client.Create(ctx, sub)
	_, e3 := client.Update(ctx, sub, []string{"push_config"})
	e4 := client.Delete(ctx, name)
	all, e5 := client.List(ctx, "projects/p", 9)
	_, e6 := client.Publish(ctx, topic, &pubsubpb.PubsubMessage{Data: []byte("d")})
	if err := errors.Join(e1, e2, e3, e4, e5, e6, client.Close()); err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", err, all)
	}
	want := []sendertest.Request{
		{Method: "GetSubscription", Message: &pubsubpb.GetSubscriptionRequest{Subscription: name}},
		{Method: "GetTopic", Message: &pubsubpb.GetTopicRequest{Topic: topic}},
		{Method: "CreateTopic", Message: &pubsubpb.Topic{Name: topic}},
		{Method: "GetTopic", Message: &pubsubpb.GetTopicRequest{Topic: dead}},
		{Method: "CreateSubscription", Message: sub},
		{Method: "GetTopic", Message: &pubsubpb.GetTopicRequest{Topic: dead}},
		{Method: "UpdateSubscription", Message: &pubsubpb.UpdateSubscriptionRequest{Subscription: sub, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"push_config"}}}},
		{Method: "DeleteSubscription", Message: &pubsubpb.DeleteSubscriptionRequest{Subscription: name}},
		{Method: "ListSubscriptions", Message: &pubsubpb.ListSubscriptionsRequest{Project: "projects/p"}},
		{Method: "Publish", Message: &pubsubpb.PublishRequest{Topic: topic, Messages: []*pubsubpb.PubsubMessage{{Data: []byte("d")}}}},
	}
	if diff := cmp.Diff(want, recorder.Requests(), protocmp.Transform()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
