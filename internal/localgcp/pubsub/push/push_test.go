package push_test

import (
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/authcall/authcall/internal/localgcp/pubsub/push"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

var update = flag.Bool("update", false, "write the bodies to testdata in place of comparing them")

const (
	endpoint     = "https://example.com/push?x=y"
	subscription = "projects/local-project/subscriptions/reader"
)

func message(at time.Time) *pubsubpb.PubsubMessage {
	return &pubsubpb.PubsubMessage{
		Data: []byte("Hello <world>"), Attributes: map[string]string{"key": "value"}, MessageId: "2070443601311540",
		PublishTime: timestamppb.New(at), OrderingKey: "order",
	}
}

func moment() time.Time { return time.Date(2021, 2, 26, 19, 13, 55, 749_000_000, time.UTC) }

func wrapped() *pubsubpb.PushConfig { return &pubsubpb.PushConfig{PushEndpoint: endpoint} }

func unwrapped(metadata bool) *pubsubpb.PushConfig {
	return &pubsubpb.PushConfig{PushEndpoint: endpoint, Wrapper: &pubsubpb.PushConfig_NoWrapper_{
		NoWrapper: &pubsubpb.PushConfig_NoWrapper{WriteMetadata: metadata},
	}}
}

func TestWrappedBodies(t *testing.T) {
	t.Parallel()
	tests := map[string]push.Push{
		"whole":      {Message: message(moment()), Attempt: 3, ShowAttempt: true},
		"no-attempt": {Message: message(moment()), Attempt: 3},
		"least": {Message: &pubsubpb.PubsubMessage{
			Data: []byte("x"), MessageId: "1", PublishTime: timestamppb.New(moment().Truncate(time.Second)),
		}},
	}
	for name, p := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p.Config, p.Subscription = wrapped(), subscription
			r := push.Request(p)
			golden(t, name+".json", r.Body)
			want := http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}, "From": {"noreply@google.com"}}
			if diff := cmp.Diff(want, r.Header); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
			if r.Method != http.MethodPost || r.URL != endpoint {
				t.Errorf("got %s %s", r.Method, r.URL)
			}
		})
	}
}

func golden(t *testing.T, name string, body []byte) {
	t.Helper()
	got, err := json.MarshalIndent(json.RawMessage(body), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func TestUnwrapped(t *testing.T) {
	t.Parallel()
	always := []string{"Accept", "From"}
	tests := []struct {
		name     string
		metadata bool
		attempt  bool
		want     map[string]string
	}{
		{"without metadata", false, true, map[string]string{}},
		{"with metadata", true, false, map[string]string{
			"Key": "value", "X-Goog-Pubsub-Subscription-Name": subscription, "X-Goog-Pubsub-Message-Id": "2070443601311540",
			"X-Goog-Pubsub-Publish-Time": "2021-02-26T19:13:55.749Z", "X-Goog-Pubsub-Ordering-Key": "order",
		}},
		{"with the attempt", true, true, map[string]string{
			"Key": "value", "X-Goog-Pubsub-Subscription-Name": subscription, "X-Goog-Pubsub-Message-Id": "2070443601311540",
			"X-Goog-Pubsub-Publish-Time": "2021-02-26T19:13:55.749Z", "X-Goog-Pubsub-Ordering-Key": "order", "X-Goog-Pubsub-Delivery-Attempt": "3",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := push.Request(push.Push{
				Config: unwrapped(tt.metadata), Subscription: subscription, Message: message(moment()), Attempt: 3, ShowAttempt: tt.attempt,
			})
			if string(r.Body) != "Hello <world>" {
				t.Errorf("got body %q, want the data", r.Body)
			}
			got := map[string]string{}
			for name := range r.Header {
				if !slices.Contains(always, name) {
					got[name] = r.Header.Get(name)
				}
			}
			if !maps.Equal(got, tt.want) {
				t.Errorf("headers (-want +got):\n%s", cmp.Diff(tt.want, got))
			}
		})
	}
}

// An attribute can set a content type, but not as whom the request is made.
func TestAttributesAsHeaders(t *testing.T) {
	t.Parallel()
	m := message(moment())
	m.OrderingKey = "two\nlines"
	m.Attributes = map[string]string{
		"content-type": "text/plain", "authorization": "Bearer mine", "Host": "evil", "content-length": "1", "no header": "x", "ok": "a\r\nb: c",
		"x-goog-pubsub-message-id": "forged",
	}
	r := push.Request(push.Push{Config: unwrapped(true), Subscription: subscription, Message: m})
	if got := r.Header.Get("Content-Type"); got != "text/plain" {
		t.Errorf("got content type %q, want the attribute's", got)
	}
	if got := r.Header.Get("X-Goog-Pubsub-Message-Id"); got != m.GetMessageId() {
		t.Errorf("got message id %q, want the message's own", got)
	}
	for _, name := range []string{"Authorization", "Host", "Content-Length", "No header", "Ok", "X-Goog-Pubsub-Ordering-Key"} {
		if values, ok := r.Header[name]; ok {
			t.Errorf("got %s: %q, want none", name, values)
		}
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	const account = "caller@local-project.iam.gserviceaccount.com"
	if r := push.Request(push.Push{Config: wrapped(), Message: message(moment())}); r.Token != nil {
		t.Errorf("got %+v, want no token that nobody asked for", r.Token)
	}
	for audience, want := range map[string]string{"": endpoint, "https://service.example": "https://service.example"} {
		c := wrapped()
		c.AuthenticationMethod = &pubsubpb.PushConfig_OidcToken_{
			OidcToken: &pubsubpb.PushConfig_OidcToken{ServiceAccountEmail: account, Audience: audience},
		}
		r := push.Request(push.Push{Config: c, Message: message(moment()), Deadline: time.Minute})
		if r.Token == nil || *r.Token != (serviceagent.Token{ServiceAccount: account, Audience: want}) {
			t.Errorf("got %+v, want a token of %s for %s", r.Token, account, want)
		}
		if r.Deadline != time.Minute {
			t.Errorf("got a deadline of %s, want 1m", r.Deadline)
		}
	}
}
