package tasks

import (
	"context"
	"sync"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"github.com/rs/zerolog"
	"google.golang.org/grpc"

	"github.com/authcall/authcall/internal/localgcp/clock"
	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/iampolicy"
	"github.com/authcall/authcall/internal/localgcp/tasks/resource"
)

// Names of the API.
const (
	Service = "cloudtasks.googleapis.com"
	Title   = "Cloud Tasks API"
)

// Names are the full names of the API's gRPC services.
func Names() []string { return []string{cloudtaskspb.CloudTasks_ServiceDesc.ServiceName} }

// Deliverer makes the requests of tasks; *delivery.Client is one.
type Deliverer interface {
	Deliver(ctx context.Context, agent delivery.Minter, r delivery.Request) delivery.Result
}

// Options are what a Server is made of.
type Options struct {
	// Dir keeps queues and tasks. It is made when the first queue is.
	Dir string
	// Clock is the time that tasks wait for.
	Clock *clock.Clock
	// Policy knows the accounts and who may do what.
	Policy Policy
	// Agent mints the tokens of tasks.
	Agent delivery.Minter
	// Deliver makes their requests.
	Deliver Deliverer
	// Project and Number are the project's id and number; names may hold either.
	Project, Number string
	// Log is told of what no caller is told.
	Log zerolog.Logger
}

// Server is the API. Methods that are not here answer UNIMPLEMENTED.
type Server struct {
	cloudtaskspb.UnimplementedCloudTasksServer

	policy          Policy
	policies        iampolicy.RPC
	clock           *clock.Clock
	project, number string
	store           store
	sender          *sender
	log             zerolog.Logger

	mu     sync.Mutex
	queues map[resource.Queue]*queue
	gone   map[resource.Queue]time.Time // when queues of these names were deleted

	operations operations
}

// New returns a server that knows what is kept in o.Dir, and begins to send the
// tasks that are due. The caller closes it.
func New(o Options) (*Server, error) {
	s := &Server{
		policy: o.Policy, clock: o.Clock, project: o.Project, number: o.Number,
		store: store{o.Dir}, log: o.Log, sender: newSender(o),
		queues: map[resource.Queue]*queue{}, gone: map[resource.Queue]time.Time{},
	}
	s.policies = iampolicy.RPC{Permission: "cloudtasks.queues", Directory: o.Policy, Denied: denied, NotFound: func(string) error { return errNoQueue }}
	kept, err := s.store.load()
	if err != nil {
		s.Close()
		return nil, err
	}
	for _, k := range kept {
		s.take(k)
	}
	return s, nil
}

// take opens a queue that was kept.
func (s *Server) take(k kept) {
	if k.config == nil {
		s.gone[k.name] = k.deleted
		return
	}
	q := s.newQueue(k.name, k.config)
	for _, r := range k.tasks {
		q.restore(r)
	}
	s.open(q)
}

// newQueue makes a queue that sends nothing yet.
func (s *Server) newQueue(name resource.Queue, config *cloudtaskspb.Queue) *queue {
	return newQueue(name, config, parts{clock: s.clock, store: s.store, sender: s.sender, log: s.log})
}

// open lets a queue be found, and send.
func (s *Server) open(q *queue) {
	s.queues[q.name] = q
	s.sender.serve(q)
}

// Register serves the API on a gRPC server.
func (s *Server) Register(server *grpc.Server) {
	cloudtaskspb.RegisterCloudTasksServer(server, s)
}

// Close stops sending. Requests under way may end for a moment; what is cut off is
// sent again by the next server.
func (s *Server) Close() { s.sender.close() }
