package subscriptions

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/authcall/authcall/internal/sender"
)

// Settings are changes to a push subscription. What is nil stays as it is.
type Settings struct {
	// Call says where it pushes to, and with which token; Pub/Sub writes the rest.
	Call sender.Settings
	// Topic is the resource name of the topic.
	Topic *string
	// NoWrapper pushes the data alone, and not in JSON beside the attributes.
	NoWrapper *bool
	// WriteMetadata puts the attributes into headers where there is no wrapper.
	WriteMetadata *bool
	// AckDeadline is how long the target may take to answer.
	AckDeadline *time.Duration
	// MinBackoff and MaxBackoff bound the wait between deliveries.
	MinBackoff, MaxBackoff *time.Duration
	// DeadLetterTopic is the resource name of the topic for what cannot be
	// delivered; an empty one takes it away.
	DeadLetterTopic *string
	// MaxDeliveryAttempts is how often it is tried before that.
	MaxDeliveryAttempts *int32
	// Filter is an expression over attributes.
	Filter *string
}

// Apply returns the subscription with the changes, checked.
func (s Settings) Apply(to *pubsubpb.Subscription) (*pubsubpb.Subscription, error) {
	sub := proto.CloneOf(to)
	call, err := s.Call.Apply(CallOf(sub))
	if err != nil {
		return nil, err
	}
	if call.Token.Scope != "" {
		return nil, fmt.Errorf("push endpoint %s: it takes access tokens, and Pub/Sub sends ID tokens only", call.URL)
	}
	s.push(sub, call)
	put(&sub.Topic, s.Topic)
	put(&sub.Filter, s.Filter)
	if s.AckDeadline != nil {
		sub.AckDeadlineSeconds = int32(s.AckDeadline.Seconds())
	}
	s.backoff(sub)
	return sub, errors.Join(s.deadLetter(sub), check(sub))
}

// push writes where a subscription pushes to.
func (s Settings) push(sub *pubsubpb.Subscription, call sender.Call) {
	if sub.PushConfig == nil {
		sub.PushConfig = &pubsubpb.PushConfig{}
	}
	p := sub.GetPushConfig()
	p.PushEndpoint = call.URL
	p.AuthenticationMethod = &pubsubpb.PushConfig_OidcToken_{OidcToken: &pubsubpb.PushConfig_OidcToken{
		ServiceAccountEmail: call.Token.ServiceAccount, Audience: call.Token.Audience,
	}}
	bare, write := p.GetNoWrapper() != nil, p.GetNoWrapper().GetWriteMetadata()
	put(&bare, s.NoWrapper)
	put(&write, s.WriteMetadata)
	switch {
	case bare || s.NoWrapper == nil && s.WriteMetadata != nil && write:
		p.Wrapper = &pubsubpb.PushConfig_NoWrapper_{NoWrapper: &pubsubpb.PushConfig_NoWrapper{WriteMetadata: write}}
	case s.NoWrapper != nil:
		p.Wrapper = nil
	}
}

func (s Settings) backoff(sub *pubsubpb.Subscription) {
	if s.MinBackoff == nil && s.MaxBackoff == nil {
		return
	}
	if sub.RetryPolicy == nil {
		sub.RetryPolicy = &pubsubpb.RetryPolicy{}
	}
	if s.MinBackoff != nil {
		sub.RetryPolicy.MinimumBackoff = durationpb.New(*s.MinBackoff)
	}
	if s.MaxBackoff != nil {
		sub.RetryPolicy.MaximumBackoff = durationpb.New(*s.MaxBackoff)
	}
}

func (s Settings) deadLetter(sub *pubsubpb.Subscription) error {
	if s.DeadLetterTopic != nil && *s.DeadLetterTopic == "" {
		sub.DeadLetterPolicy = nil
		return nil
	}
	if s.DeadLetterTopic == nil && s.MaxDeliveryAttempts == nil {
		return nil
	}
	if sub.DeadLetterPolicy == nil {
		if s.DeadLetterTopic == nil {
			return errors.New("delivery attempts are bounded with a dead letter topic only")
		}
		sub.DeadLetterPolicy = &pubsubpb.DeadLetterPolicy{}
	}
	put(&sub.DeadLetterPolicy.DeadLetterTopic, s.DeadLetterTopic)
	put(&sub.DeadLetterPolicy.MaxDeliveryAttempts, s.MaxDeliveryAttempts)
	return nil
}

func put[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

var idPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._~%+-]{2,254}$`)
})

func checkID(what, name string) error {
	if id := sender.ID(name); !idPattern().MatchString(id) || strings.HasPrefix(id, "goog") {
		return fmt.Errorf("%s: got %q, want 3 to 255 letters, digits and -_.~+%%, a letter first, and not goog", what, id)
	}
	return nil
}

// Limits of Pub/Sub.
const (
	minAck, maxAck           = 10, 600
	maxBackoff               = 10 * time.Minute
	minDelivery, maxDelivery = 5, 100
)

func check(sub *pubsubpb.Subscription) error {
	errs := []error{checkID("subscription", sub.GetName())}
	if sub.GetTopic() == "" {
		errs = append(errs, errors.New("the topic is missing"))
	} else {
		errs = append(errs, checkID("topic", sub.GetTopic()))
	}
	if d := sub.GetDeadLetterPolicy(); d != nil {
		errs = append(errs, checkID("dead letter topic", d.GetDeadLetterTopic()))
		if n := d.GetMaxDeliveryAttempts(); n != 0 && (n < minDelivery || n > maxDelivery) {
			errs = append(errs, fmt.Errorf("delivery attempts: got %d, want %d to %d", n, minDelivery, maxDelivery))
		}
	}
	if n := sub.GetAckDeadlineSeconds(); n != 0 && (n < minAck || n > maxAck) {
		errs = append(errs, fmt.Errorf("acknowledgement deadline: got %ds, want %ds to %ds", n, minAck, maxAck))
	}
	low, high := sub.GetRetryPolicy().GetMinimumBackoff().AsDuration(), sub.GetRetryPolicy().GetMaximumBackoff().AsDuration()
	if low < 0 || low > maxBackoff || high < 0 || high > maxBackoff || high > 0 && low > high {
		errs = append(errs, fmt.Errorf("backoff: got %s to %s, want 0 to %s, the lesser first", low, high, maxBackoff))
	}
	return errors.Join(errs...)
}
