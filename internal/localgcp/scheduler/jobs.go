package scheduler

import (
	"context"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// find returns a job. It is called with the lock held.
func (s *Service) find(name string) (*record, error) {
	r, ok := s.jobs[name]
	if !ok {
		return nil, status.Error(codes.NotFound, "Job not found.")
	}
	return r, nil
}

// GetJob returns a job as it is now.
func (s *Service) GetJob(ctx context.Context, req *schedulerpb.GetJobRequest) (*schedulerpb.Job, error) {
	return s.with(ctx, permissionGet, req.GetName(), func(*record) error { return nil })
}

// with does something with a job, and returns what it is then.
func (s *Service) with(ctx context.Context, permission, name string, do func(r *record) error) (*schedulerpb.Job, error) {
	if err := s.authorizeJob(ctx, permission, name); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(name)
	if err != nil {
		return nil, err
	}
	if err := do(r); err != nil {
		return nil, err
	}
	return proto.CloneOf(r.job), nil
}

// CreateJob keeps a job and plans it.
func (s *Service) CreateJob(ctx context.Context, req *schedulerpb.CreateJobRequest) (*schedulerpb.Job, error) {
	in, err := parseParent(req.GetParent())
	if err != nil {
		return nil, err
	}
	if err := s.authorize(ctx, permissionCreate, in); err != nil {
		return nil, err
	}
	job, err := newJob(in, req.GetJob())
	if err != nil {
		return nil, err
	}
	schedule, err := check(job)
	if err != nil {
		return nil, err
	}
	if err := s.mayActAs(ctx, job); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.jobs[job.GetName()]; taken {
		return nil, status.Errorf(codes.AlreadyExists, "Job %s already exists.", job.GetName())
	}
	job.UserUpdateTime = timestamppb.New(s.clock.Now())
	r := s.newRecord(job, schedule)
	if err := s.replace(r, job, schedule); err != nil {
		return nil, err
	}
	return proto.CloneOf(r.job), nil
}

// newJob copies what a caller may set, and fills in the rest.
func newJob(in parent, given *schedulerpb.Job) (*schedulerpb.Job, error) {
	if given == nil {
		return nil, invalid("job", "The job is missing.")
	}
	job := proto.CloneOf(given)
	if job.GetName() == "" {
		job.Name = in.newName()
	}
	if own, err := parseName(job.GetName()); err != nil {
		return nil, err
	} else if own != in {
		return nil, invalid("job.name", "Job name %s must lie in the parent %s.", job.GetName(), in)
	}
	job.State, job.Status, job.LastAttemptTime = schedulerpb.Job_ENABLED, nil, nil
	fill(job)
	return job, nil
}

// UpdateJob changes what the mask names, all where there is none.
func (s *Service) UpdateJob(ctx context.Context, req *schedulerpb.UpdateJobRequest) (*schedulerpb.Job, error) {
	return s.with(ctx, permissionUpdate, req.GetJob().GetName(), func(r *record) error {
		job, err := updated(r.job, req.GetJob(), req.GetUpdateMask())
		if err != nil {
			return err
		}
		followURI(job, r.job)
		fill(job)
		schedule, err := check(job)
		if err != nil {
			return err
		}
		if err := s.mayActAs(ctx, job); err != nil {
			return err
		}
		job.UserUpdateTime = timestamppb.New(s.clock.Now())
		return s.replace(r, job, schedule)
	})
}

// DeleteJob forgets a job. An attempt that is under way ends, and no other follows.
func (s *Service) DeleteJob(ctx context.Context, req *schedulerpb.DeleteJobRequest) (*emptypb.Empty, error) {
	_, err := s.with(ctx, permissionDelete, req.GetName(), func(r *record) error {
		if err := s.store.remove(req.GetName()); err != nil {
			return status.Errorf(codes.Internal, "The job is not deleted: %v.", err)
		}
		r.end()
		delete(s.jobs, req.GetName())
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}
