package pubsub

import (
	"net"
	"net/url"
	"slices"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/authcall/authcall/internal/localgcp/pubsub/filter"
)

// Limits and defaults of Pub/Sub.
const (
	day = 24 * time.Hour

	minAckDeadline = 10
	maxAckDeadline = 600

	minRetention     = 10 * time.Minute
	maxRetention     = 31 * day
	defaultRetention = 7 * day

	minExpiry     = day
	defaultExpiry = 31 * day

	maxBackoff        = 600 * time.Second
	defaultMinBackoff = 10 * time.Second

	minAttempts = 5
	maxAttempts = 100
)

// checkTopic refuses what the local Google does not play and what Pub/Sub refuses.
func checkTopic(t *pubsubpb.Topic) error {
	switch {
	case t.GetKmsKeyName() != "":
		return unsupported("keys of Cloud KMS")
	case t.GetSchemaSettings() != nil:
		return unsupported("schemas")
	case t.GetIngestionDataSourceSettings() != nil:
		return unsupported("ingestion topics")
	case len(t.GetMessageTransforms()) > 0:
		return unsupported("message transforms")
	}
	return checkDuration("message_retention_duration", t.GetMessageRetentionDuration(), minRetention, maxRetention)
}

// complete puts in the defaults of what is not said.
func complete(sub *pubsubpb.Subscription) {
	sub.State = pubsubpb.Subscription_ACTIVE
	if sub.GetAckDeadlineSeconds() == 0 {
		sub.AckDeadlineSeconds = minAckDeadline
	}
	if sub.GetMessageRetentionDuration() == nil {
		sub.MessageRetentionDuration = durationpb.New(defaultRetention)
	}
	if sub.GetExpirationPolicy() == nil {
		sub.ExpirationPolicy = &pubsubpb.ExpirationPolicy{Ttl: durationpb.New(defaultExpiry)}
	}
	completePush(sub)
	if dead := sub.GetDeadLetterPolicy(); dead != nil && dead.GetMaxDeliveryAttempts() == 0 {
		dead.MaxDeliveryAttempts = minAttempts
	}
	if retry := sub.GetRetryPolicy(); retry != nil {
		if retry.GetMinimumBackoff() == nil {
			retry.MinimumBackoff = durationpb.New(defaultMinBackoff)
		}
		if retry.GetMaximumBackoff() == nil {
			retry.MaximumBackoff = durationpb.New(maxBackoff)
		}
	}
}

// completePush shows that a subscription is pulled by an empty configuration.
func completePush(sub *pubsubpb.Subscription) {
	const version = "x-goog-version"
	switch push := sub.GetPushConfig(); {
	case push.GetPushEndpoint() == "":
		sub.PushConfig = &pubsubpb.PushConfig{}
	case push.GetAttributes()[version] == "":
		push.Attributes = map[string]string{version: "v1"}
	}
}

// checkSubscription refuses what the local Google does not play and what Pub/Sub
// refuses.
func checkSubscription(sub *pubsubpb.Subscription) error {
	if err := checkPlayed(sub); err != nil {
		return err
	}
	if seconds := sub.GetAckDeadlineSeconds(); seconds < minAckDeadline || seconds > maxAckDeadline {
		return invalidf("Invalid ack_deadline_seconds: got %d, want %d to %d.", seconds, minAckDeadline, maxAckDeadline)
	}
	if _, err := filter.Parse(sub.GetFilter()); err != nil {
		return invalidf("Invalid filter: %v.", err)
	}
	if sub.GetEnableExactlyOnceDelivery() && sub.GetPushConfig().GetPushEndpoint() != "" {
		return invalidf("Exactly-once delivery is not supported for push subscriptions.")
	}
	for _, check := range []func(*pubsubpb.Subscription) error{checkRetention, checkDeadLetter, checkRetry, checkPush} {
		if err := check(sub); err != nil {
			return err
		}
	}
	return nil
}

func checkPlayed(sub *pubsubpb.Subscription) error {
	switch {
	case sub.GetBigqueryConfig() != nil, sub.GetCloudStorageConfig() != nil, sub.GetBigtableConfig() != nil:
		return unsupported("export subscriptions")
	case len(sub.GetMessageTransforms()) > 0:
		return unsupported("message transforms")
	case sub.GetAnalyticsHubSubscriptionInfo() != nil:
		return unsupported("Analytics Hub")
	}
	return nil
}

func checkRetention(sub *pubsubpb.Subscription) error {
	retention := sub.GetMessageRetentionDuration()
	if err := checkDuration("message_retention_duration", retention, minRetention, maxRetention); err != nil {
		return err
	}
	ttl := sub.GetExpirationPolicy().GetTtl()
	if ttl == nil {
		return nil
	}
	if err := checkDuration("expiration_policy.ttl", ttl, minExpiry, 1<<62); err != nil {
		return err
	}
	if ttl.AsDuration() < retention.AsDuration() {
		return invalidf("Invalid expiration_policy.ttl: got %s, want at least the message_retention_duration %s.", ttl.AsDuration(), retention.AsDuration())
	}
	return nil
}

func checkDeadLetter(sub *pubsubpb.Subscription) error {
	dead := sub.GetDeadLetterPolicy()
	if dead == nil {
		return nil
	}
	if attempts := dead.GetMaxDeliveryAttempts(); attempts < minAttempts || attempts > maxAttempts {
		return invalidf("Invalid dead_letter_policy.max_delivery_attempts: got %d, want %d to %d.", attempts, minAttempts, maxAttempts)
	}
	_, err := parseName(topics, dead.GetDeadLetterTopic())
	return err
}

func checkRetry(sub *pubsubpb.Subscription) error {
	retry := sub.GetRetryPolicy()
	if retry == nil {
		return nil
	}
	if err := checkDuration("retry_policy.minimum_backoff", retry.GetMinimumBackoff(), 0, maxBackoff); err != nil {
		return err
	}
	return checkDuration("retry_policy.maximum_backoff", retry.GetMaximumBackoff(), retry.GetMinimumBackoff().AsDuration(), maxBackoff)
}

// checkDuration lets none through.
func checkDuration(field string, d *durationpb.Duration, least, most time.Duration) error {
	if d == nil {
		return nil
	}
	if d.CheckValid() != nil || d.AsDuration() < least || d.AsDuration() > most {
		return invalidf("Invalid %s: got %s, want %s to %s.", field, d.AsDuration(), least, most)
	}
	return nil
}

// checkPush wants https, but on this machine http will do.
func checkPush(sub *pubsubpb.Subscription) error {
	push := sub.GetPushConfig()
	endpoint := push.GetPushEndpoint()
	if endpoint == "" {
		return nil
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return invalidf("Invalid push endpoint given (endpoint=%s), want an https URL, or an http one on this machine.", endpoint)
	}
	if token := push.GetOidcToken(); token != nil && token.GetServiceAccountEmail() == "" {
		return invalidf("Invalid push_config.oidc_token: got no service_account_email.")
	}
	if version := push.GetAttributes()["x-goog-version"]; !slices.Contains([]string{"v1", "v1beta2"}, version) {
		return invalidf("Invalid push_config.attributes: got x-goog-version %q, want v1.", version)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
