package tasks

import (
	"context"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/authcall/authcall/internal/localgcp/fieldmask"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

// GetQueue shows a queue.
func (s *Server) GetQueue(ctx context.Context, req *cloudtaskspb.GetQueueRequest) (*cloudtaskspb.Queue, error) {
	q, err := s.queue(ctx, req.GetName(), getQueue)
	if err != nil {
		return nil, err
	}
	return q.snapshot(), nil
}

// UpdateQueue changes the fields that the mask names, or all; it makes the queue
// where there is none.
func (s *Server) UpdateQueue(ctx context.Context, req *cloudtaskspb.UpdateQueueRequest) (*cloudtaskspb.Queue, error) {
	name, err := s.queueName(req.GetQueue().GetName())
	if err != nil {
		return nil, err
	}
	if err := s.authorize(ctx, updateQueue, name.String()); err != nil {
		return nil, err
	}
	q, ok := s.lookup(name)
	if !ok {
		if err := s.authorize(ctx, createQueue, name.Location.String()); err != nil {
			return nil, err
		}
		return s.create(ctx, name, req.GetQueue())
	}
	return q.change(func(config *cloudtaskspb.Queue) error {
		if err := merge(config, req.GetQueue(), req.GetUpdateMask()); err != nil {
			return err
		}
		return s.complete(ctx, config)
	})
}

// merge changes a queue but for what is not for callers to say.
func merge(config, wanted *cloudtaskspb.Queue, mask *fieldmaskpb.FieldMask) error {
	before := proto.CloneOf(config)
	if len(mask.GetPaths()) == 0 {
		proto.Reset(config)
		proto.Merge(config, wanted)
	} else if err := fieldmask.Merge(config, wanted, mask); err != nil {
		return status.Errorf(codes.InvalidArgument, "Invalid update_mask: %v.", err)
	}
	config.Name, config.State, config.PurgeTime = before.GetName(), before.GetState(), before.GetPurgeTime()
	return nil
}

// DeleteQueue deletes a queue with all its tasks.
func (s *Server) DeleteQueue(ctx context.Context, req *cloudtaskspb.DeleteQueueRequest) (*emptypb.Empty, error) {
	name, err := s.queueName(req.GetName())
	if err != nil {
		return nil, err
	}
	if err := s.authorize(ctx, deleteQueue, name.String()); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, ok := s.queues[name]
	if !ok {
		return nil, errNoTask
	}
	if err := q.close(); err != nil {
		return nil, err
	}
	delete(s.queues, name)
	s.gone[name] = s.clock.Now()
	if _, err := s.policy.SetPolicy(name.String(), iam.Policy{}, ""); err != nil {
		return nil, internal(err)
	}
	return &emptypb.Empty{}, nil
}

// PurgeQueue deletes all tasks of a queue.
func (s *Server) PurgeQueue(ctx context.Context, req *cloudtaskspb.PurgeQueueRequest) (*cloudtaskspb.Queue, error) {
	q, err := s.queue(ctx, req.GetName(), purgeQueue)
	if err != nil {
		return nil, err
	}
	if err := q.purge(); err != nil {
		return nil, err
	}
	return q.change(func(config *cloudtaskspb.Queue) error {
		config.PurgeTime = timestamppb.New(s.clock.Now().Truncate(time.Microsecond))
		return nil
	})
}

// PauseQueue stops a queue from sending.
func (s *Server) PauseQueue(ctx context.Context, req *cloudtaskspb.PauseQueueRequest) (*cloudtaskspb.Queue, error) {
	return s.setState(ctx, req.GetName(), pauseQueue, cloudtaskspb.Queue_PAUSED)
}

// ResumeQueue lets it go on.
func (s *Server) ResumeQueue(ctx context.Context, req *cloudtaskspb.ResumeQueueRequest) (*cloudtaskspb.Queue, error) {
	return s.setState(ctx, req.GetName(), resumeQueue, cloudtaskspb.Queue_RUNNING)
}

func (s *Server) setState(ctx context.Context, name, permission string, state cloudtaskspb.Queue_State) (*cloudtaskspb.Queue, error) {
	q, err := s.queue(ctx, name, permission)
	if err != nil {
		return nil, err
	}
	return q.change(func(config *cloudtaskspb.Queue) error {
		config.State = state
		return nil
	})
}
