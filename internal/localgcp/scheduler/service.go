package scheduler

import (
	"context"
	"fmt"
	"sync"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/authcall/authcall/internal/localgcp/clock"
	"github.com/authcall/authcall/internal/localgcp/delivery"
)

// What the API is called.
const (
	API   = domain
	Title = "Cloud Scheduler API"
)

// Names are the full names of the gRPC services.
func Names() []string { return []string{schedulerpb.CloudScheduler_ServiceDesc.ServiceName} }

// Agent is Cloud Scheduler's service agent; *serviceagent.Agent is one.
type Agent interface {
	delivery.Minter
	Email() string
}

// Deliverer makes the requests of HTTP targets; *delivery.Client is one.
type Deliverer interface {
	Deliver(ctx context.Context, agent delivery.Minter, r delivery.Request) delivery.Result
}

// Publisher takes the messages of Pub/Sub targets. It does not ask who publishes.
type Publisher interface {
	Publish(ctx context.Context, topic string, data []byte, attributes map[string]string) error
}

// Options are what a Service is made of.
type Options struct {
	// Dir keeps the jobs, a JSON file each. It is made when the first job is. One
	// service at a time may use it.
	Dir string
	// Clock is the time on which everything runs.
	Clock *clock.Clock
	// Policy knows the accounts and who may do what.
	Policy Policy
	// Agent mints the tokens, and publishes.
	Agent Agent
	// Deliver makes the requests of HTTP targets.
	Deliver Deliverer
	// Publisher takes the messages of Pub/Sub targets; nil means that there is no
	// topic.
	Publisher Publisher
	// Log is told of what no caller is told.
	Log zerolog.Logger
}

// Service is Cloud Scheduler. Methods that are not here answer Unimplemented.
type Service struct {
	schedulerpb.UnimplementedCloudSchedulerServer

	clock     *clock.Clock
	policy    Policy
	agent     Agent
	deliver   Deliverer
	publisher Publisher
	store     store
	log       zerolog.Logger

	background context.Context //nolint:containedctx // it is the life of the service, which Close ends
	stop       context.CancelFunc
	running    sync.WaitGroup

	mu   sync.Mutex
	jobs map[string]*record // by name
}

// New returns a service that goes on where the one before in the directory ended:
// a job whose time has passed meanwhile is executed at once, once. The caller
// closes it.
func New(o Options) (*Service, error) {
	background, stop := context.WithCancel(context.Background())
	s := &Service{
		clock:      o.Clock,
		policy:     o.Policy,
		agent:      o.Agent,
		deliver:    o.Deliver,
		publisher:  o.Publisher,
		store:      store{o.Dir},
		log:        o.Log,
		background: background,
		stop:       stop,
		jobs:       map[string]*record{},
	}
	if err := s.restore(); err != nil {
		stop()
		return nil, fmt.Errorf("state of Cloud Scheduler: %w", err)
	}
	return s, nil
}

// Register serves the API.
func (s *Service) Register(server *grpc.Server) { schedulerpb.RegisterCloudSchedulerServer(server, s) }

// Close cuts off the attempts under way, which are made again after the next start.
func (s *Service) Close() {
	s.mu.Lock()
	s.stop()
	s.mu.Unlock()
	s.running.Wait()
}

func (s *Service) restore() error {
	jobs, err := s.store.all(s.broken)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range jobs {
		schedule, err := check(k.job)
		if err != nil {
			s.broken(s.store.path(k.job.GetName()), err)
			continue
		}
		r := s.newRecord(k.job, schedule)
		r.retryOf = k.retryOf
		s.catchUp(r)
		s.jobs[k.job.GetName()] = r
		s.plan(r)
	}
	return nil
}

// catchUp takes back a time that is later than the schedule's next one, for the
// clock may have been advanced before the restart.
func (s *Service) catchUp(r *record) {
	if r.job.GetState() != schedulerpb.Job_ENABLED {
		return
	}
	if next := r.schedule.Next(s.clock.Now()); r.job.GetScheduleTime() == nil || next.Before(r.job.GetScheduleTime().AsTime()) {
		r.job.ScheduleTime, r.retryOf = timestamp(next), time.Time{}
	}
}

func (s *Service) broken(file string, err error) {
	s.log.Error().Err(err).Str("file", file).Msg("a job of Cloud Scheduler cannot be read")
}

// timestamp is none for no time.
func timestamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
