package event

import (
	"net/url"
	"testing"

	"github.com/authcall/authcall/internal/expression"
)

// What an expression sees, read by expressions.
func TestInput(t *testing.T) {
	t.Parallel()
	message, err := Read(PubSub, nil, []byte(wrapped(encoded(`{"order": 12345678901234567890, "tags": ["a"]}`))))
	if err != nil {
		t.Fatal(err)
	}
	plain := &Event{Payload: []byte("a text")}
	delivery := Delivery{
		Route: "orders", Sender: PubSub, Caller: "pubsub@p.iam.gserviceaccount.com", Query: url.Values{"q": {"1", "2"}},
		Header: header("Authorization", "Bearer x", "X-Serverless-Authorization", "Bearer x", "Proxy-Authorization", "Basic x", "Cookie", "x",
			"X-Goog-Iap-Jwt-Assertion", "x", "X-Kind", "a", "X-Kind", "b"),
	}
	cases := []struct {
		event        *Event
		source, want string
	}{
		{message, `.body.tags`, `["a"]`},
		{message, `.body.order | tojson`, `12345678901234567890`},
		{message, `.text`, `{"order": 12345678901234567890, "tags": ["a"]}`},
		{message, `.attributes.kind`, `final`},
		{message, `.message.messageId`, `42`},
		{message, `.event`, ``},
		{message, `.delivery.id`, subscription + "/42"},
		{message, `[.delivery.attempt, .delivery.route, .delivery.sender, .delivery.caller]`, `[3,"orders","pubsub","pubsub@p.iam.gserviceaccount.com"]`},
		{message, `.query.q`, `1`},
		{message, `.headers`, `{"x-kind":"a, b"}`},
		{plain, `.body`, `a text`},
		{plain, `[.message, .event, .delivery.id, .attributes]`, `[null,null,null,{}]`},
		{&Event{}, `[.body, .text]`, `[null,""]`},
		{&Event{Payload: []byte(`{} {}`)}, `.body`, `{} {}`},
	}
	for _, c := range cases {
		e, err := expression.Compile(c.source)
		if err != nil {
			t.Fatal(err)
		}
		value, err := e.Of(t.Context(), c.event.Input(delivery))
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		if got, _ := expression.Text(value); got != c.want {
			t.Errorf("%s gives %s, want %s", c.source, got, c.want)
		}
	}
}
