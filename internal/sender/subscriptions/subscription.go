package subscriptions

import (
	"cmp"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/authcall/authcall/internal/sender"
)

// Kind compares subscriptions.
func Kind() sender.Kind[*pubsubpb.Subscription] {
	return sender.Kind[*pubsubpb.Subscription]{
		Noun: "subscription", Normal: normal, MaskDepth: 1, Fixed: []string{"topic", "filter"},
	}
}

// CallOf is the call that a subscription makes.
func CallOf(sub *pubsubpb.Subscription) sender.Call {
	p := sub.GetPushConfig()
	return sender.Call{URL: p.GetPushEndpoint(), Token: sender.Token{
		ServiceAccount: p.GetOidcToken().GetServiceAccountEmail(), Audience: p.GetOidcToken().GetAudience(),
	}}
}

// normal leaves what Settings set, and fills in what Pub/Sub takes for granted
// there.
func normal(sub *pubsubpb.Subscription) {
	managed := &pubsubpb.Subscription{
		Name: sub.GetName(), Topic: sub.GetTopic(), PushConfig: sub.GetPushConfig(), Filter: sub.GetFilter(),
		AckDeadlineSeconds: cmp.Or(sub.GetAckDeadlineSeconds(), defaultAck),
		RetryPolicy:        sub.GetRetryPolicy(), DeadLetterPolicy: sub.GetDeadLetterPolicy(),
	}
	if p := managed.GetPushConfig(); p != nil {
		p.Attributes = nil
		if p.GetPubsubWrapper() != nil {
			p.Wrapper = nil
		}
	}
	if d := managed.GetDeadLetterPolicy(); d != nil && d.GetMaxDeliveryAttempts() == 0 {
		d.MaxDeliveryAttempts = defaultAttempts
	}
	normalRetry(managed.GetRetryPolicy())
	proto.Reset(sub)
	proto.Merge(sub, managed)
}

// Defaults of Pub/Sub.
const (
	defaultAck        = 10
	defaultAttempts   = 5
	defaultMinBackoff = 10 * time.Second
	defaultMaxBackoff = 10 * time.Minute
)

func normalRetry(r *pubsubpb.RetryPolicy) {
	if r == nil {
		return
	}
	if r.GetMinimumBackoff() == nil {
		r.MinimumBackoff = durationpb.New(defaultMinBackoff)
	}
	if r.GetMaximumBackoff() == nil {
		r.MaximumBackoff = durationpb.New(defaultMaxBackoff)
	}
}
