package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"cloud.google.com/go/iam/apiv1/iampb"
	"cloud.google.com/go/pubsub/v2"
	apiv1 "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	newsTopic = "projects/local-project/topics/news"
	deadTopic = "projects/local-project/topics/dead"
)

// bearer sends an access token where there is no TLS, as on this machine alone.
type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

func (bearer) RequireTransportSecurity() bool { return false }

func developerToken(t *testing.T, g *localGoogle) string {
	t.Helper()
	token, err := os.ReadFile(g.value(t, "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(token))
}

// pubsubOptions are what Google's clients need to call with the developer's token.
func pubsubOptions(t *testing.T, g *localGoogle) []option.ClientOption {
	t.Helper()
	return []option.ClientOption{
		option.WithEndpoint(g.value(t, "AUTHPIPE_PUBSUB_ENDPOINT")),
		option.WithoutAuthentication(), // of the client's own, which wants TLS
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
		option.WithGRPCDialOption(grpc.WithPerRPCCredentials(bearer(developerToken(t, g)))),
	}
}

// pubsubClient is Google's client with the developer's token, and two topics.
func pubsubClient(t *testing.T, g *localGoogle) *pubsub.Client {
	t.Helper()
	client, err := pubsub.NewClient(t.Context(), "local-project", pubsubOptions(t, g)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	for _, topic := range []string{newsTopic, deadTopic} {
		if _, err := client.TopicAdminClient.CreateTopic(t.Context(), &pubsubpb.Topic{Name: topic}); err != nil {
			t.Fatal(err)
		}
	}
	return client
}

// Clients that PUBSUB_EMULATOR_HOST leads astray send no credentials, so that the
// environment does not have it, and the API lets none of them in.
func TestGoClientWithoutCredentials(t *testing.T) {
	t.Parallel()
	google := localUp(t)
	for _, e := range google.env {
		if strings.HasPrefix(e, "PUBSUB_EMULATOR_HOST=") {
			t.Errorf("the environment has %s", e)
		}
	}
	client, err := pubsub.NewClient(t.Context(), "local-project", option.WithEndpoint(google.value(t, "AUTHPIPE_PUBSUB_ENDPOINT")),
		option.WithoutAuthentication(), option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	_, err = client.TopicAdminClient.CreateTopic(t.Context(), &pubsubpb.Topic{Name: newsTopic})
	if status.Code(err) != codes.Unauthenticated {
		t.Errorf("got %v, want UNAUTHENTICATED", err)
	}
}

func TestGoClientIsToldWhatIsNotThere(t *testing.T) {
	t.Parallel()
	google := localUp(t)
	client := pubsubClient(t, google)
	_, err := client.SubscriptionAdminClient.ListSnapshots(t.Context(), &pubsubpb.ListSnapshotsRequest{Project: "projects/local-project"}).Next()
	if status.Code(err) != codes.Unimplemented {
		t.Errorf("snapshots: got %v, want UNIMPLEMENTED", err)
	}
	schemas, err := apiv1.NewSchemaClient(t.Context(), pubsubOptions(t, google)...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = schemas.Close() }()
	_, err = schemas.ListSchemas(t.Context(), &pubsubpb.ListSchemasRequest{Parent: "projects/local-project"}).Next()
	if status.Code(err) != codes.Unimplemented {
		t.Errorf("schemas: got %v, want UNIMPLEMENTED", err)
	}
}

func subscribe(t *testing.T, c *pubsub.Client, sub *pubsubpb.Subscription) {
	t.Helper()
	sub.Name = "projects/local-project/subscriptions/" + sub.GetName()
	if _, err := c.SubscriptionAdminClient.CreateSubscription(t.Context(), sub); err != nil {
		t.Fatal(err)
	}
}

func publish(t *testing.T, c *pubsub.Client, texts ...string) {
	t.Helper()
	publisher := c.Publisher(newsTopic)
	defer publisher.Stop()
	for _, text := range texts {
		if _, err := publisher.Publish(t.Context(), &pubsub.Message{Data: []byte(text)}).Get(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestGoClientReceives(t *testing.T) {
	t.Parallel()
	for name, exactlyOnce := range map[string]bool{"at least once": false, "exactly once": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := pubsubClient(t, localUp(t))
			subscribe(t, client, &pubsubpb.Subscription{Name: "reader", Topic: newsTopic, EnableExactlyOnceDelivery: exactlyOnce})
			publish(t, client, "a", "b", "c", "d", "e")
			ctx, enough := context.WithCancel(t.Context())
			defer enough()
			var received atomic.Int32
			err := client.Subscriber("reader").Receive(ctx, func(ctx context.Context, m *pubsub.Message) {
				if string(m.Data) == "b" && received.Load() == 0 {
					m.Nack()
					return
				}
				status, err := m.AckWithResult().Get(ctx)
				if err != nil || status != pubsub.AcknowledgeStatusSuccess {
					t.Errorf("acknowledging %s: got %v, %v", m.Data, status, err)
				}
				if received.Add(1) == 5 {
					enough()
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			left, err := client.SubscriptionAdminClient.Pull(t.Context(), &pubsubpb.PullRequest{
				Subscription: "projects/local-project/subscriptions/reader", MaxMessages: 9, ReturnImmediately: true, //nolint:staticcheck // to see that there is nothing
			})
			if err != nil || len(left.GetReceivedMessages()) != 0 {
				t.Errorf("got %v, %v, want that nothing is left", left, err)
			}
		})
	}
}

// A message may be as large as at Google, over gRPC and over REST.
func TestLargeMessages(t *testing.T) {
	t.Parallel()
	google := localUp(t)
	client := pubsubClient(t, google)
	subscribe(t, client, &pubsubpb.Subscription{Name: "reader", Topic: newsTopic})
	const size = 9_990_000
	publish(t, client, strings.Repeat("x", size))
	post(t, google, "v1/"+newsTopic+":publish", fmt.Sprintf(`{"messages": [{"data": %q}]}`, strings.Repeat("eHh4", size/3)))
	for range 2 {
		got, err := client.SubscriptionAdminClient.Pull(t.Context(), &pubsubpb.PullRequest{
			Subscription: "projects/local-project/subscriptions/reader", MaxMessages: 1,
		})
		if err != nil || len(got.GetReceivedMessages()) != 1 || len(got.GetReceivedMessages()[0].GetMessage().GetData()) != size {
			t.Fatalf("got %v of %d messages, want one of %d bytes", err, len(got.GetReceivedMessages()), size)
		}
	}
}

// post sends the developer's request to the REST APIs.
func post(t *testing.T, g *localGoogle, path, body string) {
	t.Helper()
	url := g.value(t, "CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB") + path
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+developerToken(t, g))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("POST %s: got %s", path, answer.Status)
	}
}

func oidc(url, account, audience string) *pubsubpb.PushConfig {
	return &pubsubpb.PushConfig{PushEndpoint: url, AuthenticationMethod: &pubsubpb.PushConfig_OidcToken_{
		OidcToken: &pubsubpb.PushConfig_OidcToken{ServiceAccountEmail: account, Audience: audience},
	}}
}

// A push without the invoker's role is refused and tried again, so that the role
// mends it; one that is never let in ends in the dead-letter topic.
func TestGoClientPushesToCloudRun(t *testing.T) {
	t.Parallel()
	in := newInbox(t)
	g := newGcloud(t, in.google) // for the policy of the service
	client, url := pubsubClient(t, in.google), in.url(t)
	const wrong = "pipeline@local-project.iam.gserviceaccount.com"
	subscribe(t, client, &pubsubpb.Subscription{Name: "buried", Topic: deadTopic})
	subscribe(t, client, &pubsubpb.Subscription{
		Name: "right", Topic: newsTopic, PushConfig: oidc(url, caller, ""), // the endpoint is the audience
	})
	subscribe(t, client, &pubsubpb.Subscription{
		Name: "wrong", Topic: newsTopic, PushConfig: oidc(url, wrong, url), DeadLetterPolicy: &pubsubpb.DeadLetterPolicy{DeadLetterTopic: deadTopic},
		RetryPolicy: &pubsubpb.RetryPolicy{MinimumBackoff: durationpb.New(0)},
	})
	for resource, role := range map[string]string{deadTopic: "roles/pubsub.publisher", "projects/local-project/subscriptions/wrong": "roles/pubsub.subscriber"} {
		policy := &iampb.Policy{Bindings: []*iampb.Binding{{Role: role, Members: []string{pubsubAgent}}}}
		if _, err := client.TopicAdminClient.SetIamPolicy(t.Context(), &iampb.SetIamPolicyRequest{Resource: resource, Policy: policy}); err != nil {
			t.Fatal(err)
		}
	}

	publish(t, client, "first")
	if got := in.next(t); !strings.Contains(got.body, `"subscription":"projects/local-project/subscriptions/right"`) {
		t.Errorf("got %s, want the push with the right account", got.body)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	err := client.Subscriber("buried").Receive(ctx, func(_ context.Context, m *pubsub.Message) {
		if m.Attributes["CloudPubSubDeadLetterSourceDeliveryCount"] != "5" || m.Attributes["CloudPubSubDeadLetterSourceSubscription"] != "wrong" {
			t.Errorf("got attributes %v, want five attempts of the wrong one", m.Attributes)
		}
		m.Ack()
		stop()
	})
	if err != nil {
		t.Fatal(err)
	}

	g.run(t, "run services add-iam-policy-binding inbox --region us-central1 --role roles/run.invoker --member serviceAccount:"+wrong)
	publish(t, client, "second")
	from := map[string]bool{}
	for range 2 {
		var body struct{ Subscription string }
		if err := json.Unmarshal([]byte(in.next(t).body), &body); err != nil {
			t.Fatal(err)
		}
		from[body.Subscription] = true
	}
	if !from["projects/local-project/subscriptions/right"] || !from["projects/local-project/subscriptions/wrong"] {
		t.Errorf("got pushes of %v, want of both", from)
	}
}

// Unacknowledged messages come again when the local Google's clock says so.
func TestGoClientSeesTheClockAdvance(t *testing.T) {
	t.Parallel()
	google := localUp(t)
	client := pubsubClient(t, google)
	subscribe(t, client, &pubsubpb.Subscription{Name: "reader", Topic: newsTopic, AckDeadlineSeconds: 600})
	publish(t, client, "a")
	pull := &pubsubpb.PullRequest{Subscription: "projects/local-project/subscriptions/reader", MaxMessages: 1}
	for range 3 {
		got, err := client.SubscriptionAdminClient.Pull(t.Context(), pull)
		if err != nil || len(got.GetReceivedMessages()) != 1 {
			t.Fatalf("got %v, %v, want the message", got, err)
		}
		google.advance(t, "10m")
	}
}
