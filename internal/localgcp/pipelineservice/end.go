package pipelineservice

import (
	"context"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// CancelPipelineJob begins to end a run. The job is CANCELLED once its steps
// have ended.
func (s *Service) CancelPipelineJob(ctx context.Context, req *aiplatformpb.CancelPipelineJobRequest) (*emptypb.Empty, error) {
	name := req.GetName()
	if err := s.authorizeJob(ctx, permissionCancel, name); err != nil {
		return nil, err
	}
	job, err := s.job(name)
	if err != nil {
		return nil, err
	}
	r, own := s.record(name)
	switch {
	case ended(job.GetState()):
		return nil, status.Errorf(codes.FailedPrecondition, "The PipelineJob %s has ended.", name)
	case !own:
		return nil, status.Errorf(codes.FailedPrecondition, "The PipelineJob %s is run by another process, which alone can cancel it.", name)
	}
	r.cancel(errCancelled, s.now())
	return &emptypb.Empty{}, nil
}

// DeletePipelineJob forgets a job that has ended. Its artifacts stay. The
// operation is done when it is returned.
func (s *Service) DeletePipelineJob(ctx context.Context, req *aiplatformpb.DeletePipelineJobRequest) (*longrunningpb.Operation, error) {
	in, err := parseName(req.GetName())
	if err != nil {
		return nil, err
	}
	if _, err := s.authorize(ctx, permissionDelete, in); err != nil {
		return nil, err
	}
	if err := s.forget(req.GetName()); err != nil {
		return nil, err
	}
	return s.done(in, &emptypb.Empty{})
}

// BatchDeletePipelineJobs forgets all the named jobs or none.
func (s *Service) BatchDeletePipelineJobs(ctx context.Context, req *aiplatformpb.BatchDeletePipelineJobsRequest) (*longrunningpb.Operation, error) {
	in, err := s.batch(ctx, permissionDelete, req.GetParent(), req.GetNames())
	if err != nil {
		return nil, err
	}
	deleted := &aiplatformpb.BatchDeletePipelineJobsResponse{}
	for _, name := range req.GetNames() {
		job, err := s.job(name)
		if err != nil {
			return nil, err
		}
		deleted.PipelineJobs = append(deleted.GetPipelineJobs(), job)
	}
	if err := s.forget(req.GetNames()...); err != nil {
		return nil, err
	}
	return s.done(in, deleted)
}

// batch checks a request about several jobs of one location.
func (s *Service) batch(ctx context.Context, permission, parentName string, names []string) (parent, error) {
	in, err := parseParent(parentName)
	if err != nil {
		return parent{}, err
	}
	if _, err := s.authorize(ctx, permission, in); err != nil {
		return parent{}, err
	}
	if len(names) == 0 || len(names) > 32 {
		return parent{}, status.Errorf(codes.InvalidArgument, "Invalid value for names: want 1 to 32 names, got %d.", len(names))
	}
	for _, name := range names {
		if of, err := parseName(name); err != nil || of != in {
			return parent{}, status.Errorf(codes.InvalidArgument, "Invalid value for names: %q is not in %s.", name, in)
		}
	}
	return in, nil
}

// done makes an operation that has ended: there is nothing to wait for.
func (s *Service) done(in parent, response proto.Message) (*longrunningpb.Operation, error) {
	now := timestamppb.New(s.now())
	generic := &aiplatformpb.GenericOperationMetadata{CreateTime: now, UpdateTime: now}
	metadata, err := anypb.New(&aiplatformpb.DeleteOperationMetadata{GenericMetadata: generic})
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	packed, err := anypb.New(response)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &longrunningpb.Operation{
		Name:     in.String() + "/operations/" + newNumber(),
		Metadata: metadata,
		Done:     true,
		Result:   &longrunningpb.Operation_Response{Response: packed},
	}, nil
}
