package tasks

import (
	"context"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/localgcp/tasks/resource"
)

// CreateQueue makes a queue that runs.
func (s *Server) CreateQueue(ctx context.Context, req *cloudtaskspb.CreateQueueRequest) (*cloudtaskspb.Queue, error) {
	in, err := s.location(req.GetParent())
	if err != nil {
		return nil, err
	}
	if err := s.authorize(ctx, createQueue, in.String()); err != nil {
		return nil, err
	}
	name, err := s.queueName(req.GetQueue().GetName())
	if err != nil {
		return nil, err
	}
	if name.Location != in {
		return nil, status.Errorf(codes.InvalidArgument, "%s must begin with %s.", req.GetQueue().GetName(), req.GetParent())
	}
	return s.create(ctx, name, req.GetQueue())
}

// create makes a queue as the caller wants it.
func (s *Server) create(ctx context.Context, name resource.Queue, wanted *cloudtaskspb.Queue) (*cloudtaskspb.Queue, error) {
	config := proto.CloneOf(wanted)
	config.Name, config.State, config.PurgeTime = name.String(), cloudtaskspb.Queue_RUNNING, nil
	if err := s.complete(ctx, config); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.queues[name] != nil {
		return nil, status.Error(codes.AlreadyExists, "Queue already exists")
	}
	if err := s.release(name); err != nil {
		return nil, err
	}
	if err := s.store.saveQueue(name, config); err != nil {
		return nil, internal(err)
	}
	q := s.newQueue(name, config)
	s.open(q)
	return q.snapshot(), nil
}

// complete checks a queue, and that the caller may let its tasks act as they shall.
func (s *Server) complete(ctx context.Context, config *cloudtaskspb.Queue) error {
	if err := resource.CompleteQueue(config); err != nil {
		return err
	}
	t := config.GetHttpTarget()
	return s.mayActAs(ctx, resource.Accounts(t.GetOidcToken(), t.GetOauthToken()))
}

// release lets the name of a queue that was deleted be used again, if that is long
// ago.
func (s *Server) release(name resource.Queue) error {
	deleted, ok := s.gone[name]
	if !ok {
		return nil
	}
	if s.clock.Now().Sub(deleted) < queueRest {
		return status.Error(codes.FailedPrecondition, "The queue cannot be created because a queue with this name existed too recently.")
	}
	if err := s.store.forgetQueue(name); err != nil {
		return internal(err)
	}
	delete(s.gone, name)
	return nil
}
