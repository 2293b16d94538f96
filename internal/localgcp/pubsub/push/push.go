package push

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"golang.org/x/net/http/httpguts"

	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

// userAgent is under what name Pub/Sub calls services with a token.
const userAgent = "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)"

// Push is one attempt to push a message.
type Push struct {
	// Config is the subscription's.
	Config *pubsubpb.PushConfig
	// Subscription is the name of the subscription.
	Subscription string
	// Message is what to push.
	Message *pubsubpb.PubsubMessage
	// Attempt is the number of the attempt, from 1 on.
	Attempt int
	// ShowAttempt tells it to the endpoint, as where there is a dead-letter topic.
	ShowAttempt bool
	// Deadline is how long the endpoint may take.
	Deadline time.Duration
}

// Request makes the request, with all but the token.
func Request(p Push) delivery.Request {
	r := delivery.Request{
		Method:    http.MethodPost,
		URL:       p.Config.GetPushEndpoint(),
		Header:    http.Header{},
		Body:      p.Message.GetData(),
		Token:     token(p.Config),
		Deadline:  p.Deadline,
		UserAgent: userAgent,
		Attempt:   p.Attempt,
	}
	raw := p.Config.GetNoWrapper()
	switch {
	case raw == nil:
		r.Header.Set("Content-Type", "application/json")
		r.Body = p.wrapped()
	case raw.GetWriteMetadata():
		p.metadata(r.Header)
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("From", "noreply@google.com")
	return r
}

func token(c *pubsubpb.PushConfig) *serviceagent.Token {
	wanted := c.GetOidcToken()
	if wanted == nil {
		return nil
	}
	audience := wanted.GetAudience()
	if audience == "" {
		audience = c.GetPushEndpoint()
	}
	return &serviceagent.Token{ServiceAccount: wanted.GetServiceAccountEmail(), Audience: audience}
}

// envelope is a wrapped message. Google spells some names in two ways.
type envelope struct {
	DeliveryAttempt int     `json:"deliveryAttempt,omitempty"`
	Message         message `json:"message"`
	Subscription    string  `json:"subscription"`
}

type message struct {
	Attributes   map[string]string `json:"attributes,omitempty"`
	Data         []byte            `json:"data,omitempty"`
	MessageID    string            `json:"messageId"`
	MessageID2   string            `json:"message_id"`
	OrderingKey  string            `json:"orderingKey,omitempty"`
	PublishTime  string            `json:"publishTime"`
	PublishTime2 string            `json:"publish_time"`
}

func (p Push) wrapped() []byte {
	m := p.Message
	e := envelope{
		Message: message{
			Attributes: m.GetAttributes(), Data: m.GetData(), OrderingKey: m.GetOrderingKey(),
			MessageID: m.GetMessageId(), MessageID2: m.GetMessageId(), PublishTime: p.published(), PublishTime2: p.published(),
		},
		Subscription: p.Subscription,
	}
	if p.ShowAttempt {
		e.DeliveryAttempt = p.Attempt
	}
	data, _ := json.Marshal(e) // of texts and bytes, which never fails
	return data
}

// published is the time of publishing as Google's JSON has it: with milliseconds
// where there are any.
func (p Push) published() string {
	at := p.Message.GetPublishTime().AsTime()
	if at.Nanosecond() == 0 {
		return at.Format("2006-01-02T15:04:05Z")
	}
	return at.Format("2006-01-02T15:04:05.000Z")
}

// metadata writes what the envelope would hold into headers, and the attributes
// that can be headers.
func (p Push) metadata(h http.Header) {
	for key, value := range p.Message.GetAttributes() {
		if httpguts.ValidHeaderFieldName(key) && httpguts.ValidHeaderFieldValue(value) && !reserved(key) {
			h.Set(key, value)
		}
	}
	const prefix = "x-goog-pubsub-"
	h.Set(prefix+"subscription-name", p.Subscription)
	h.Set(prefix+"message-id", p.Message.GetMessageId())
	h.Set(prefix+"publish-time", p.published())
	if key := p.Message.GetOrderingKey(); key != "" && httpguts.ValidHeaderFieldValue(key) {
		h.Set(prefix+"ordering-key", key)
	}
	if p.ShowAttempt {
		h.Set(prefix+"delivery-attempt", strconv.Itoa(p.Attempt))
	}
}

// reserved are headers that no attribute may set: those that decide how the
// request is sent and as whom.
func reserved(name string) bool {
	return slices.Contains([]string{
		"Authorization", "Connection", "Content-Length", "Host", "Keep-Alive", "Proxy-Authorization", "Te", "Trailer",
		"Transfer-Encoding", "Upgrade", "User-Agent",
	}, http.CanonicalHeaderKey(name))
}
