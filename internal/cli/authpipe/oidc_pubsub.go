package authpipe

import (
	"context"
	"strings"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/sender"
	"github.com/authcall/authcall/internal/sender/rights"
	"github.com/authcall/authcall/internal/sender/subscriptions"
	"github.com/authcall/authcall/internal/sender/terraform"
)

const pubsubHelp = `A push subscription calls for every message of its topic, until it is answered with
success. The topic, and the one for dead letters, is made where it is missing. Dead letters
take two rights of Pub/Sub's own account: they are shown with their commands and stop
nothing; --apply gives them, on what is made now right after that.`

const pubsubExample = `  authpipe oidc pubsub create orders-push --topic orders \
    --push-endpoint https://hello-123456.us-central1.run.app/orders \
    --service-account caller@my-project.iam.gserviceaccount.com --target cloudrun:hello
  authpipe oidc pubsub create orders-push --topic orders … --no-wrapper --write-metadata \
    --dead-letter-topic orders-dead --max-delivery-attempts 10 --min-backoff 10s --max-backoff 5m`

func newOIDCPubSub(f *factory) *cobra.Command {
	k := pubsubKind()
	return newGroup("pubsub", "Pub/Sub: call for every message",
		k.newSetUp(f, new(subscriptionFlags), false, pubsubHelp, pubsubExample), k.newList(f), k.newGet(f), newOIDCPubSubRun(f, k),
		k.newSetUp(f, new(subscriptionFlags), true, "Changes what its flags name; all else stays as it is.",
			"  authpipe oidc pubsub update orders-push --ack-deadline 60s"),
		k.newDelete(f))
}

func pubsubKind() *oidcKind[*pubsubpb.Subscription] {
	return &oidcKind[*pubsubpb.Subscription]{
		command: "pubsub", noun: "subscription", api: rights.PubSub(), admin: "roles/pubsub.editor", kind: subscriptions.Kind(),
		blank:  func(name string) *pubsubpb.Subscription { return &pubsubpb.Subscription{Name: name} },
		name:   func(t target, id string) string { return "projects/" + t.project + "/subscriptions/" + id },
		parent: func(t target) string { return "projects/" + t.project },
		open: func(ctx context.Context, f *factory) (oidcClient[*pubsubpb.Subscription], error) {
			return openSubscriptions(ctx, f)
		},
		columns: func(s *pubsubpb.Subscription) []string {
			return []string{stateWord(s.GetState().String()), sender.ID(s.GetTopic()), s.GetPushConfig().GetPushEndpoint()}
		},
		list: func(all []*pubsubpb.Subscription) proto.Message {
			return &pubsubpb.ListSubscriptionsResponse{Subscriptions: all}
		},
		write:       func(file *terraform.File, s *pubsubpb.Subscription, _ string) { file.Subscription(s) },
		deadLetters: deadLetters,
	}
}

func openSubscriptions(ctx context.Context, f *factory) (*subscriptions.Client, error) {
	c, err := f.connection(ctx, "AUTHPIPE_PUBSUB_ENDPOINT", f.oidc.pubsub, subscriptions.Address)
	if err != nil {
		return nil, err
	}
	return subscriptions.NewClient(ctx, c)
}

// deadLetters are those of a subscription, if it has any.
func deadLetters(s *pubsubpb.Subscription) *rights.DeadLetters {
	topic := s.GetDeadLetterPolicy().GetDeadLetterTopic()
	if topic == "" {
		return nil
	}
	return &rights.DeadLetters{Topic: topic, Subscription: s.GetName()}
}

// subscriptionFlags say what a push subscription is like.
type subscriptionFlags struct {
	subscriptions.Settings
	call callFlags
}

func (s *subscriptionFlags) register(flags *pflag.FlagSet) {
	optionalText(flags, &s.Topic, "topic", "`TOPIC` whose messages are sent; projects/PROJECT/topics/TOPIC in another project")
	optionalText(flags, &s.call.settings.URL, "push-endpoint", "`URL` to call")
	s.call.registerToken(flags)
	optionalTruth(flags, &s.NoWrapper, "no-wrapper", "send a message's data alone, not in JSON beside its attributes")
	optionalTruth(flags, &s.WriteMetadata, "write-metadata", "send the attributes as headers; with --no-wrapper")
	optionalDuration(flags, &s.AckDeadline, "ack-deadline", "`DURATION` that the target may take to answer, 10s to 10m (default: 10s)")
	optionalDuration(flags, &s.MinBackoff, "min-backoff", "shortest `WAIT` before a message is sent again (default: none)")
	optionalDuration(flags, &s.MaxBackoff, "max-backoff", "longest `WAIT` before a message is sent again, up to 10m")
	optionalText(flags, &s.DeadLetterTopic, "dead-letter-topic", "`TOPIC` for what cannot be delivered; '' takes it away")
	optionalNumber(flags, &s.MaxDeliveryAttempts, "max-delivery-attempts", "`NUMBER` of attempts before that, 5 to 100 (default: 5)")
	optionalText(flags, &s.Filter, "filter", "`EXPRESSION` over attributes, such as attributes.kind=\"order\"")
}

func (s *subscriptionFlags) prepare(_ context.Context, f *factory, t target, gen1 bool) error {
	s.call.settings.Function = gen1
	if err := s.call.prepare(f.stdin); err != nil {
		return err
	}
	s.Call = s.call.settings
	s.Topic, s.DeadLetterTopic = topicName(s.Topic, t), topicName(s.DeadLetterTopic, t)
	return nil
}

// topicName completes a topic's id to its resource name.
func topicName(given *string, t target) *string {
	if given == nil || *given == "" || strings.Contains(*given, "/") {
		return given
	}
	name := "projects/" + t.project + "/topics/" + *given
	return &name
}

func (s *subscriptionFlags) calls(m *pubsubpb.Subscription) sender.Call {
	return subscriptions.CallOf(m)
}
func (s *subscriptionFlags) runAs() string { return "" }
