package conformance

import (
	"encoding/json"
	"strings"
	"testing"
)

// pubsubAgent is Pub/Sub's service agent.
const pubsubAgent = "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"

func TestGcloudPullsFromPubSub(t *testing.T) {
	t.Parallel()
	g := newGcloud(t, localUp(t))
	g.run(t, "pubsub topics create news dead", "Created topic [projects/local-project/topics/news]")
	g.run(t, "pubsub topics list", "projects/local-project/topics/dead", "projects/local-project/topics/news")
	g.run(t, "pubsub topics describe news", "state: ACTIVE")
	g.run(t, "pubsub subscriptions create reader --topic news --enable-message-ordering", "Created subscription")
	g.run(t, "pubsub topics publish news --message hello --attribute kind=greeting --ordering-key one", "messageIds:")
	var pulled []struct {
		AckStatus string
		Message   struct {
			Attributes  map[string]string
			Data        []byte
			OrderingKey string
		}
	}
	out := g.run(t, "pubsub subscriptions pull reader --auto-ack --format json")
	if err := json.Unmarshal([]byte(out), &pulled); err != nil || len(pulled) != 1 {
		t.Fatalf("got %s, %v, want one message", out, err)
	}
	if m := pulled[0].Message; string(m.Data) != "hello" || m.Attributes["kind"] != "greeting" || m.OrderingKey != "one" || pulled[0].AckStatus != "SUCCESS" {
		t.Errorf("got %+v, want what was published, acknowledged", pulled[0])
	}
	g.run(t, "pubsub subscriptions update reader --ack-deadline 33 --dead-letter-topic dead --max-delivery-attempts 7", "Updated subscription")
	g.run(t, "pubsub subscriptions describe reader", "ackDeadlineSeconds: 33", "maxDeliveryAttempts: 7")
	g.run(t, "pubsub topics add-iam-policy-binding dead --role roles/pubsub.publisher --member "+pubsubAgent, "Updated IAM policy for topic [dead]")
	g.run(t, "pubsub topics get-iam-policy dead", "roles/pubsub.publisher")
	g.run(t, "pubsub subscriptions add-iam-policy-binding reader --role roles/pubsub.subscriber --member "+pubsubAgent, "Updated IAM policy for subscription [reader]")
	g.run(t, "pubsub topics list-subscriptions news", "projects/local-project/subscriptions/reader")
	g.run(t, "pubsub subscriptions seek reader --time 2020-01-01T00:00:00Z", "reader")
	g.run(t, "pubsub topics detach-subscription reader", "Detached subscription")
	g.run(t, "pubsub subscriptions delete reader", "Deleted subscription")
	g.run(t, "pubsub topics delete news", "Deleted topic")
	g.fails(t, "pubsub topics describe news", "Resource not found (resource=projects/local-project/topics/news).")
	g.fails(t, "pubsub subscriptions create reader --topic news", "Resource not found (resource=projects/local-project/topics/news).")
}

func TestGcloudPushesToCloudRun(t *testing.T) {
	t.Parallel()
	in := newInbox(t)
	g, url := newGcloud(t, in.google), in.url(t)
	g.run(t, "pubsub topics create news")
	g.run(t, "pubsub subscriptions create wrapped --topic news --push-endpoint "+url+"/wrapped --push-auth-service-account "+caller+" --push-auth-token-audience "+url)
	g.run(t, "pubsub subscriptions describe wrapped", "serviceAccountEmail: "+caller, "audience: "+url, "pushEndpoint: "+url+"/wrapped")
	g.run(t, "pubsub topics publish news --message hello --attribute kind=greeting")
	got := in.next(t)
	var body struct {
		Message struct {
			Attributes map[string]string
			Data       []byte
		}
		Subscription string
	}
	if err := json.Unmarshal([]byte(got.body), &body); err != nil {
		t.Fatal(err)
	}
	if got.path != "/wrapped" || string(body.Message.Data) != "hello" || body.Message.Attributes["kind"] != "greeting" || body.Subscription != "projects/local-project/subscriptions/wrapped" {
		t.Errorf("got %s %s, want the message wrapped", got.path, got.body)
	}
	if agent := got.header.Get("User-Agent"); !strings.HasPrefix(agent, "APIs-Google;") {
		t.Errorf("got the user agent %q, want Google's", agent)
	}

	g.run(t, "pubsub subscriptions delete wrapped")
	g.run(t, "pubsub subscriptions create raw --topic news --push-endpoint "+url+"/raw --push-auth-service-account "+caller+
		" --push-auth-token-audience "+url+" --push-no-wrapper --push-no-wrapper-write-metadata")
	g.run(t, "pubsub topics publish news --message plain --attribute kind=greeting")
	got = in.next(t)
	if got.path != "/raw" || got.body != "plain" || got.header.Get("Kind") != "greeting" ||
		got.header.Get("X-Goog-Pubsub-Subscription-Name") != "projects/local-project/subscriptions/raw" {
		t.Errorf("got %s %q with %v, want the data alone and the rest in headers", got.path, got.body, got.header)
	}
	g.run(t, "pubsub subscriptions update raw --push-endpoint "+url+"/other --push-auth-service-account "+caller+" --push-auth-token-audience "+url)
	g.run(t, "pubsub subscriptions delete raw")
}

func TestGcloudIsRefusedByPubSub(t *testing.T) {
	t.Parallel()
	g := newGcloud(t, localUp(t))
	g.run(t, "pubsub topics create news")
	g.run(t, "iam service-accounts create fresh-one")
	const create = "pubsub subscriptions create pusher --topic news --push-endpoint https://example.com/push "
	g.fails(t, create+"--push-auth-service-account fresh-one@local-project.iam.gserviceaccount.com", "iam.serviceAccounts.actAs")
	g.run(t, "iam service-accounts add-iam-policy-binding fresh-one@local-project.iam.gserviceaccount.com --role roles/iam.serviceAccountUser --member user:developer@example.com")
	g.run(t, create+"--push-auth-service-account fresh-one@local-project.iam.gserviceaccount.com")
	g.fails(t, "pubsub subscriptions create once --topic news --push-endpoint https://example.com/ --enable-exactly-once-delivery", "Exactly-once delivery is not supported for push")
	g.fails(t, "pubsub subscriptions create plain --topic news --push-endpoint http://example.com/", "want an https URL")
	g.fails(t, "pubsub subscriptions create wanted --topic news --message-filter nonsense", "Invalid filter")
	g.run(t, "projects remove-iam-policy-binding local-project --role roles/pubsub.admin --member user:developer@example.com")
	g.fails(t, "pubsub topics publish news --message hello", "pubsub.topics.publish")
}
