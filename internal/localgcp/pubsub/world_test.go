package pubsub

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/rs/zerolog"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/internal/localgcp/clock"
	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/issuer"
	"github.com/authcall/authcall/internal/localgcp/rpc"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

const (
	project   = "projects/local-project"
	number    = "123456789012"
	topicName = project + "/topics/news"
	deadName  = project + "/topics/dead"
	subName   = project + "/subscriptions/reader"
	deadSub   = project + "/subscriptions/undertaker"
	endpoint  = "https://example.com/push"

	developer = "developer@example.com"
	stranger  = "stranger@example.com"
	caller    = "caller@local-project.iam.gserviceaccount.com"
	agentRole = "roles/pubsub.serviceAgent"
)

func agentEmail() string { return serviceagent.Email(serviceagent.PubSub, number) }

// world is a service in a bubble, whose time passes only when a test advances it.
type world struct {
	t         *testing.T
	ctx       context.Context // of the developer
	dir       string
	clock     *clock.Clock
	directory *iam.Directory
	endpoint  *fakeEndpoint
	service   *Service
	publisher
	subscriber
	policies
}

// inWorld runs a test in which nothing takes time by itself.
func inWorld(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, dir: dir, clock: clock.New(0), directory: newDirectory(t), endpoint: &fakeEndpoint{}}
		w.ctx = w.as(developer)
		w.open()
		defer func() { w.service.Close() }()
		test(w)
	})
}

func newDirectory(t *testing.T) *iam.Directory {
	t.Helper()
	d, err := iam.NewDirectory(iam.Config{
		Accounts: []iam.Account{{Email: caller}, {Email: agentEmail()}},
		Users:    []string{developer, stranger},
		Bindings: []iam.Binding{
			{Role: agentRole, Members: []string{"serviceAccount:" + agentEmail()}, Resource: project},
			{Role: "roles/pubsub.admin", Members: []string{"user:" + developer}, Resource: project},
			{Role: "roles/iam.serviceAccountUser", Members: []string{"user:" + developer}, Resource: iam.AccountResource("local-project", caller)},
		},
		Secret: []byte(strings.Repeat("s", 32)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// open starts the service on what the directory keeps.
func (w *world) open() {
	w.t.Helper()
	s, err := New(Options{
		Dir: w.dir, Clock: w.clock, Policy: w.directory, Deliver: w.endpoint, Log: zerolog.Nop(),
		Agent: serviceagent.New(serviceagent.Options{Name: serviceagent.PubSub, Number: number, Directory: w.directory, Issuer: noIssuer{}}),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.service, w.publisher, w.subscriber, w.policies = s, publisher{s: s}, subscriber{s: s}, policies{s: s}
	synctest.Wait()
}

// restart ends the service, and starts it with the policies of the configuration.
func (w *world) restart() {
	w.t.Helper()
	w.service.Close()
	w.directory = newDirectory(w.t)
	w.open()
}

type noIssuer struct{}

func (noIssuer) IDToken(issuer.IDToken) (string, error) { return "token", nil }

func (w *world) as(email string) context.Context {
	w.t.Helper()
	p, ok := w.directory.Lookup(email)
	if !ok {
		w.t.Fatalf("no principal %s", email)
	}
	return rpc.WithCaller(w.t.Context(), p)
}

// pass advances the time and waits until all that is due is done.
func (w *world) pass(d time.Duration) {
	w.clock.Advance(d)
	synctest.Wait()
}

// grant adds a binding to what a resource has.
func (w *world) grant(resource, role, member string) {
	w.t.Helper()
	p := w.directory.Policy(resource)
	p.Bindings = append(slices.Clone(p.Bindings), iam.Binding{Role: role, Members: []string{member}})
	if _, err := w.directory.SetPolicy(resource, p, ""); err != nil {
		w.t.Fatal(err)
	}
}

// revoke takes all that a role gives on a resource.
func (w *world) revoke(resource, role string) {
	w.t.Helper()
	p := w.directory.Policy(resource)
	p.Bindings = slices.DeleteFunc(slices.Clone(p.Bindings), func(b iam.Binding) bool { return b.Role == role })
	if _, err := w.directory.SetPolicy(resource, p, ""); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) topic(name string) {
	w.t.Helper()
	if _, err := w.CreateTopic(w.ctx, &pubsubpb.Topic{Name: name}); err != nil {
		w.t.Fatal(err)
	}
}

// subscribe makes the topic and a subscription of it.
func (w *world) subscribe(sub *pubsubpb.Subscription) *pubsubpb.Subscription {
	w.t.Helper()
	w.topic(topicName)
	sub.Name, sub.Topic = subName, topicName
	made, err := w.CreateSubscription(w.ctx, sub)
	if err != nil {
		w.t.Fatal(err)
	}
	return made
}

func pushTo(url string) *pubsubpb.PushConfig {
	return &pubsubpb.PushConfig{PushEndpoint: url}
}

func withToken(audience string) *pubsubpb.PushConfig {
	return &pubsubpb.PushConfig{PushEndpoint: endpoint, AuthenticationMethod: &pubsubpb.PushConfig_OidcToken_{
		OidcToken: &pubsubpb.PushConfig_OidcToken{ServiceAccountEmail: caller, Audience: audience},
	}}
}

func (w *world) publish(texts ...string) []string {
	w.t.Helper()
	var ids []string
	for _, text := range texts {
		answer, err := w.Publish(w.ctx, &pubsubpb.PublishRequest{Topic: topicName, Messages: []*pubsubpb.PubsubMessage{{Data: []byte(text)}}})
		if err != nil {
			w.t.Fatal(err)
		}
		ids = append(ids, answer.GetMessageIds()...)
	}
	synctest.Wait()
	return ids
}

// pull takes what there is at once.
func (w *world) pull(subscription string) []*pubsubpb.ReceivedMessage {
	w.t.Helper()
	answer, err := w.Pull(w.ctx, &pubsubpb.PullRequest{Subscription: subscription, MaxMessages: 100, ReturnImmediately: true}) //nolint:staticcheck // gcloud sets it still
	if err != nil {
		w.t.Fatal(err)
	}
	return answer.GetReceivedMessages()
}

// wants pulls and compares the data.
func (w *world) wants(when string, texts ...string) []*pubsubpb.ReceivedMessage {
	w.t.Helper()
	got := w.pull(subName)
	if data := textsOf(got); !slices.Equal(data, texts) {
		w.t.Errorf("%s: pulled %q, want %q", when, data, texts)
	}
	return got
}

func textsOf(received []*pubsubpb.ReceivedMessage) []string {
	var all []string
	for _, m := range received {
		all = append(all, string(m.GetMessage().GetData()))
	}
	return all
}

// refused compares an error's code and a part of its message.
func refused(t *testing.T, err error, code codes.Code, part string) {
	t.Helper()
	if status.Code(err) != code || !strings.Contains(status.Convert(err).Message(), part) {
		t.Errorf("got %v, want %s with %q", err, code, part)
	}
}

// fakeEndpoint takes the pushes. Without an answer it acknowledges.
type fakeEndpoint struct {
	mu       sync.Mutex
	answer   func(r delivery.Request) delivery.Result
	held     chan struct{} // answers wait for it where it is not nil
	requests []delivery.Request
	underWay int
	most     int
}

func (f *fakeEndpoint) Deliver(ctx context.Context, agent delivery.Minter, r delivery.Request) delivery.Result {
	if r.Token != nil {
		if _, err := agent.Mint(*r.Token); err != nil {
			return delivery.Result{Err: err}
		}
	}
	answer, held := f.began(r)
	defer f.ended()
	if held != nil {
		select {
		case <-held:
		case <-ctx.Done():
			return delivery.Result{Err: context.Cause(ctx)}
		}
	}
	if answer == nil {
		return delivery.Result{Status: http.StatusNoContent}
	}
	return answer(r)
}

func (f *fakeEndpoint) began(r delivery.Request) (func(r delivery.Request) delivery.Result, chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, r)
	f.underWay++
	f.most = max(f.most, f.underWay)
	return f.answer, f.held
}

func (f *fakeEndpoint) ended() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.underWay--
}

// answers sets the status of all answers to come.
func (f *fakeEndpoint) answers(code int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = func(delivery.Request) delivery.Result {
		if code == 0 {
			return delivery.Result{Err: errors.New("not reached")}
		}
		return delivery.Result{Status: code}
	}
}

// taken returns the requests since it was asked last.
func (f *fakeEndpoint) taken() []delivery.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	requests := f.requests
	f.requests = nil
	return requests
}
