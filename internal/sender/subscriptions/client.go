package subscriptions

import (
	"context"
	"errors"
	"fmt"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/authcall/authcall/internal/gapi"
	"github.com/authcall/authcall/internal/sender"
)

// Address is where Google serves Pub/Sub.
const Address = "pubsub.googleapis.com:443"

// Client speaks to Pub/Sub. Its errors are *gapi.Error, or the context's.
type Client struct {
	subscriptions *pubsub.SubscriptionAdminClient
	topics        *pubsub.TopicAdminClient
}

// NewClient sends nothing yet; the caller closes it.
func NewClient(ctx context.Context, c gapi.Connection) (*Client, error) {
	options, err := c.Options()
	if err != nil {
		return nil, err
	}
	subscriptions, err := pubsub.NewSubscriptionAdminClient(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("making a client for %s: %w", c.Address, err)
	}
	if options, err = c.Options(); err != nil { // each closes its own connection
		return nil, errors.Join(err, subscriptions.Close())
	}
	topics, err := pubsub.NewTopicAdminClient(ctx, options...)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("making a client for %s: %w", c.Address, err), subscriptions.Close())
	}
	subscriptions.CallOptions = &pubsub.SubscriptionAdminCallOptions{} // one layer of retry is enough
	topics.CallOptions = &pubsub.TopicAdminCallOptions{}
	return &Client{subscriptions, topics}, nil
}

// Close closes the connections.
func (c *Client) Close() error { return errors.Join(c.topics.Close(), c.subscriptions.Close()) }

// Get returns the subscription as it is.
func (c *Client) Get(ctx context.Context, name string) (*pubsubpb.Subscription, error) {
	return sender.Again(ctx, "looking at subscription "+name, func(ctx context.Context) (*pubsubpb.Subscription, error) {
		return c.subscriptions.GetSubscription(ctx, &pubsubpb.GetSubscriptionRequest{Subscription: name})
	})
}

// Create makes a subscription, and its topics first where they are missing.
func (c *Client) Create(ctx context.Context, sub *pubsubpb.Subscription) (*pubsubpb.Subscription, error) {
	for _, topic := range []string{sub.GetTopic(), sub.GetDeadLetterPolicy().GetDeadLetterTopic()} {
		if err := c.ensureTopic(ctx, topic); err != nil {
			return nil, err
		}
	}
	return sender.Once(ctx, "creating subscription "+sub.GetName(), func(ctx context.Context) (*pubsubpb.Subscription, error) {
		return c.subscriptions.CreateSubscription(ctx, sub)
	})
}

// ensureTopic makes a topic that is missing. One of another project that the
// caller may not look at is left to the subscription's own check.
func (c *Client) ensureTopic(ctx context.Context, name string) error {
	if name == "" {
		return nil
	}
	_, err := sender.Again(ctx, "looking at topic "+name, func(ctx context.Context) (*pubsubpb.Topic, error) {
		return c.topics.GetTopic(ctx, &pubsubpb.GetTopicRequest{Topic: name})
	})
	if !gapi.IsKind(err, gapi.NotFound) {
		if gapi.IsKind(err, gapi.Permission) {
			return nil
		}
		return err
	}
	_, err = sender.Once(ctx, "creating topic "+name, func(ctx context.Context) (*pubsubpb.Topic, error) {
		return c.topics.CreateTopic(ctx, &pubsubpb.Topic{Name: name})
	})
	if gapi.IsKind(err, gapi.Exists) { // somebody else made it meanwhile
		return nil
	}
	return err
}

// Update changes the fields that the mask names; a new dead letter topic is made
// first where it is missing.
func (c *Client) Update(ctx context.Context, sub *pubsubpb.Subscription, mask []string) (*pubsubpb.Subscription, error) {
	if err := c.ensureTopic(ctx, sub.GetDeadLetterPolicy().GetDeadLetterTopic()); err != nil {
		return nil, err
	}
	return sender.Again(ctx, "updating subscription "+sub.GetName(), func(ctx context.Context) (*pubsubpb.Subscription, error) {
		return c.subscriptions.UpdateSubscription(ctx, &pubsubpb.UpdateSubscriptionRequest{
			Subscription: sub, UpdateMask: &fieldmaskpb.FieldMask{Paths: mask},
		})
	})
}

// Delete deletes a subscription; its topic stays.
func (c *Client) Delete(ctx context.Context, name string) error {
	_, err := sender.Once(ctx, "deleting subscription "+name, func(ctx context.Context) (any, error) {
		return nil, c.subscriptions.DeleteSubscription(ctx, &pubsubpb.DeleteSubscriptionRequest{Subscription: name})
	})
	return err
}

// List returns at most limit subscriptions of projects/PROJECT.
func (c *Client) List(ctx context.Context, parent string, limit int) ([]*pubsubpb.Subscription, error) {
	return sender.Again(ctx, "listing the subscriptions of "+parent, func(ctx context.Context) ([]*pubsubpb.Subscription, error) {
		return sender.Collect(c.subscriptions.ListSubscriptions(ctx, &pubsubpb.ListSubscriptionsRequest{Project: parent}).Next, limit)
	})
}

// Publish sends a message to a topic.
func (c *Client) Publish(ctx context.Context, topic string, m *pubsubpb.PubsubMessage) (*pubsubpb.PublishResponse, error) {
	return sender.Once(ctx, "publishing to "+topic, func(ctx context.Context) (*pubsubpb.PublishResponse, error) {
		return c.topics.Publish(ctx, &pubsubpb.PublishRequest{Topic: topic, Messages: []*pubsubpb.PubsubMessage{m}})
	})
}
