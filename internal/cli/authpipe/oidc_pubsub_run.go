package authpipe

import (
	"context"
	"fmt"
	"os"
	"strings"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/spf13/cobra"

	"github.com/authcall/authcall/internal/sender"
)

// messageOptions are those of a message to be published.
type messageOptions struct {
	oidcOptions
	data, dataFile string
	attributes     map[string]string
	orderingKey    string
}

func newOIDCPubSubRun(f *factory, k *oidcKind[*pubsubpb.Subscription]) *cobra.Command {
	var o messageOptions
	cmd := &cobra.Command{
		Use:   "run SUBSCRIPTION",
		Short: "Publish a message to a subscription's topic",
		Long: "Publishes a message to the topic of a subscription, which is then called with it, as is every\n" +
			"other subscription of that topic. With -o json it prints {\"messageIds\": […]}.",
		Example: "  authpipe oidc pubsub run orders-push --data '{\"n\": 1}' --attribute kind=order",
		Args:    exactArgs("SUBSCRIPTION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := o.at(f.defaults, k.regional)
			if err != nil {
				return err
			}
			message, err := o.message()
			if err != nil {
				return err
			}
			return k.with(cmd.Context(), f, t, func(s *oidcSession[*pubsubpb.Subscription]) error {
				return publish(cmd.Context(), s, k.name(t, args[0]), message, o.output)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.data, "data", "", "`TEXT` of the message")
	flags.StringVar(&o.dataFile, "data-file", "", "`FILE` that holds the message")
	flags.StringToStringVar(&o.attributes, "attribute", nil, "`KEY=VALUE` of an attribute, may be repeated")
	flags.Lookup("attribute").DefValue = "" // the library would show an empty list
	flags.StringVar(&o.orderingKey, "ordering-key", "", "`KEY` of messages that are sent in order")
	o.register(flags, k.regional)
	return cmd
}

// maxMessage is how large a message may be, in bytes.
const maxMessage = 10 << 20

func (o messageOptions) message() (*pubsubpb.PubsubMessage, error) {
	m := &pubsubpb.PubsubMessage{Data: []byte(o.data), Attributes: o.attributes, OrderingKey: o.orderingKey}
	if o.dataFile != "" {
		if o.data != "" {
			return nil, usageErrorf("--data and --data-file both say what the message is")
		}
		var err error
		if m.Data, err = os.ReadFile(o.dataFile); err != nil {
			return nil, usageErrorf("reading the message: %w", err)
		}
	}
	if len(m.GetData()) == 0 && len(m.GetAttributes()) == 0 {
		return nil, usageErrorf("the message is empty: give --data or --attribute")
	}
	if len(m.GetData()) > maxMessage {
		return nil, usageErrorf("the message is %d bytes, and Pub/Sub takes %d: put the data into Cloud Storage and send its gs:// URI", len(m.GetData()), maxMessage)
	}
	return m, nil
}

// publisher publishes messages.
type publisher interface {
	Publish(ctx context.Context, topic string, m *pubsubpb.PubsubMessage) (*pubsubpb.PublishResponse, error)
}

func publish(ctx context.Context, s *oidcSession[*pubsubpb.Subscription], name string, m *pubsubpb.PubsubMessage, output format) error {
	client, ok := s.oidcClient.(publisher)
	if !ok {
		return fmt.Errorf("%T publishes nothing", s.oidcClient)
	}
	sub, err := s.Get(ctx, name)
	if err != nil {
		return err
	}
	answer, err := client.Publish(ctx, sub.GetTopic(), m)
	if err != nil {
		return err
	}
	s.say("published %s to %s", strings.Join(answer.GetMessageIds(), ", "), sender.ID(sub.GetTopic()))
	if output == jsonFormat {
		return printMessage(s.stdout, answer)
	}
	return nil
}
