package pubsub

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"cloud.google.com/go/iam/apiv1/iampb"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/rs/zerolog"
	"google.golang.org/grpc"

	"github.com/authcall/authcall/internal/localgcp/clock"
	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

// Deliverer makes the requests of push subscriptions; *delivery.Client is one.
type Deliverer interface {
	Deliver(ctx context.Context, agent delivery.Minter, r delivery.Request) delivery.Result
}

// Options are what a Service is made of.
type Options struct {
	// Dir keeps the topics, subscriptions and messages, a JSON file each. It is
	// made when the first is. One service at a time may use it.
	Dir string
	// Clock is the time on which everything runs.
	Clock *clock.Clock
	// Policy knows the accounts and who may do what.
	Policy Policy
	// Agent is Pub/Sub's service agent.
	Agent *serviceagent.Agent
	// Deliver makes the requests of push subscriptions.
	Deliver Deliverer
	// Log is told of what no caller is told.
	Log zerolog.Logger
}

// Service is Pub/Sub. Methods that are not here answer Unimplemented.
type Service struct {
	clock   *clock.Clock
	policy  Policy
	agent   *serviceagent.Agent
	deliver Deliverer
	store   store
	log     zerolog.Logger

	background context.Context //nolint:containedctx // it is the life of the service, which Close ends
	stop       context.CancelFunc
	running    sync.WaitGroup

	mu            sync.Mutex
	topics        map[string]*pubsubpb.Topic
	subscriptions map[string]*subscription
	lastID        int64 // of a message
}

// New returns a service that goes on where the one before in the directory ended:
// it pushes at once. The caller closes it.
func New(o Options) (*Service, error) {
	background, stop := context.WithCancel(context.Background())
	s := &Service{
		clock:         o.Clock,
		policy:        o.Policy,
		agent:         o.Agent,
		deliver:       o.Deliver,
		store:         store{o.Dir},
		log:           o.Log,
		background:    background,
		stop:          stop,
		topics:        map[string]*pubsubpb.Topic{},
		subscriptions: map[string]*subscription{},
	}
	if err := s.restore(); err != nil {
		stop()
		return nil, fmt.Errorf("state of Pub/Sub: %w", err)
	}
	for _, sub := range s.subscriptions {
		s.start(sub)
	}
	return s, nil
}

// Scope opens the API beside that of the whole cloud.
const Scope = "https://www.googleapis.com/auth/pubsub"

// Names are the full names of the gRPC services.
func Names() []string {
	return []string{
		pubsubpb.Publisher_ServiceDesc.ServiceName, pubsubpb.Subscriber_ServiceDesc.ServiceName,
		pubsubpb.SchemaService_ServiceDesc.ServiceName, iampb.IAMPolicy_ServiceDesc.ServiceName,
	}
}

// Register serves the APIs.
func (s *Service) Register(server *grpc.Server) {
	pubsubpb.RegisterPublisherServer(server, publisher{s: s})
	pubsubpb.RegisterSubscriberServer(server, subscriber{s: s})
	pubsubpb.RegisterSchemaServiceServer(server, pubsubpb.UnimplementedSchemaServiceServer{})
	iampb.RegisterIAMPolicyServer(server, policies{s: s})
}

// publisher, subscriber and policies are the APIs of a Service.
type (
	publisher struct {
		pubsubpb.UnimplementedPublisherServer

		s *Service
	}
	subscriber struct {
		pubsubpb.UnimplementedSubscriberServer

		s *Service
	}
	policies struct {
		iampb.UnimplementedIAMPolicyServer

		s *Service
	}
)

// Close cuts off the pushes under way, whose messages are pushed again after the
// next start, and ends all calls that wait.
func (s *Service) Close() {
	s.mu.Lock()
	s.stop()
	s.mu.Unlock()
	s.running.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sub := range s.subscriptions {
		s.logged(s.saveSubscription(sub.shown, sub.active))
	}
}

// restore reads what is kept. A file that cannot be read is left out and logged.
func (s *Service) restore() error {
	names, err := s.store.names(topics)
	if err != nil {
		return err
	}
	for _, name := range names {
		topic := &pubsubpb.Topic{}
		if _, err := s.store.load(name, topic); err != nil {
			s.log.Error().Err(err).Msg("a topic is lost")
			continue
		}
		s.topics[name] = topic
	}
	if names, err = s.store.names(subscriptions); err != nil {
		return err
	}
	for _, name := range names {
		if err := s.restoreSubscription(name); err != nil {
			s.log.Error().Err(err).Msg("a subscription is lost")
		}
	}
	return nil
}

func (s *Service) restoreSubscription(name string) error {
	shown := &pubsubpb.Subscription{}
	kept, err := s.store.load(name, shown)
	if err != nil {
		return err
	}
	messages, err := s.store.messages(name)
	if err != nil {
		s.log.Error().Err(err).Msg("messages are lost")
	}
	sub, err := newSubscription(s.now(), shown, kept.Active, messages...)
	if err != nil {
		return err
	}
	for _, m := range messages {
		s.lastID = max(s.lastID, m.ID)
	}
	s.subscriptions[name] = sub
	return nil
}

// now is the time, as precise as messages show it.
func (s *Service) now() time.Time { return s.clock.Now().Truncate(time.Millisecond) }

// subscribers are the subscriptions of a topic by name.
func (s *Service) subscribers(topic string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.subscriptions)) {
		if s.subscriptions[name].shown.GetTopic() == topic {
			names = append(names, name)
		}
	}
	return names
}
