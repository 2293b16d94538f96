package event

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
)

// readMessage reads what a push subscription sends: a message in its wrapping, or
// its data alone, with or without headers that tell of the message.
func readMessage(header http.Header, body []byte) (*Event, error) {
	id, err := named(header, "X-Goog-Pubsub-Subscription-Name", "X-Goog-Pubsub-Message-Id")
	if err != nil {
		return nil, err
	}
	if id != nil {
		return unwrapped(id, header, body), nil
	}
	wrapping, ok := unwrap(body)
	if !ok {
		return &Event{Payload: body, Message: map[string]any{}}, nil
	}
	return wrapping.event()
}

// unwrapped is a message whose data is the body, and of which headers tell.
func unwrapped(id []string, header http.Header, body []byte) *Event {
	message := map[string]any{"subscription": id[0], "messageId": id[1]}
	for key, name := range map[string]string{
		"publishTime": "X-Goog-Pubsub-Publish-Time", "orderingKey": "X-Goog-Pubsub-Ordering-Key",
	} {
		if value := header.Get(name); value != "" {
			message[key] = value
		}
	}
	return &Event{ID: id, Payload: body, Message: message}
}

// wrapping is what Pub/Sub puts around a message. Its other spelling of the fields,
// message_id and publish_time, says the same.
type wrapping struct {
	Message *struct {
		Data        *string           `json:"data"`
		Attributes  map[string]string `json:"attributes"`
		MessageID   string            `json:"messageId"`
		PublishTime string            `json:"publishTime"`
		OrderingKey string            `json:"orderingKey"`
	} `json:"message"`
	Subscription    string `json:"subscription"`
	DeliveryAttempt int    `json:"deliveryAttempt"`
}

// unwrap reads the wrapping; false means that there is none.
func unwrap(body []byte) (wrapping, bool) {
	var w wrapping
	err := json.Unmarshal(body, &w)
	return w, err == nil && w.Message != nil && w.Message.MessageID != "" && w.Subscription != ""
}

func (w wrapping) event() (*Event, error) {
	payload, err := decodeData(w.Message.Data)
	if err != nil {
		return nil, err
	}
	message := map[string]any{"subscription": w.Subscription, "messageId": w.Message.MessageID}
	if w.Message.PublishTime != "" {
		message["publishTime"] = w.Message.PublishTime
	}
	if w.Message.OrderingKey != "" {
		message["orderingKey"] = w.Message.OrderingKey
	}
	e := &Event{
		ID:         []string{w.Subscription, w.Message.MessageID},
		Attempt:    max(w.DeliveryAttempt, 0),
		Payload:    payload,
		Attributes: w.Message.Attributes,
		Message:    message,
	}
	if e.Attempt > 0 {
		message["deliveryAttempt"] = e.Attempt
	}
	return e, nil
}

// decodeData decodes a message's data, of which there may be none.
func decodeData(data *string) ([]byte, error) {
	if data == nil {
		return nil, nil
	}
	payload, err := base64.StdEncoding.DecodeString(*data)
	if err != nil {
		return nil, badRequest("the message's data is not base64")
	}
	return payload, nil
}
