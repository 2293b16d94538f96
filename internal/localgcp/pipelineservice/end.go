package pipelineservice

import (
	"context"
	"strings"

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
	r, err := s.find(ctx, permissionCancel, req.GetName())
	if err != nil {
		return nil, err
	}
	if !r.cancel(errCancelled, s.now()) {
		return nil, status.Errorf(codes.FailedPrecondition, "The PipelineJob %s is not running.", req.GetName())
	}
	return &emptypb.Empty{}, nil
}

// DeletePipelineJob forgets a job that has ended. Its artifacts stay. The
// operation is done when it is returned.
func (s *Service) DeletePipelineJob(ctx context.Context, req *aiplatformpb.DeletePipelineJobRequest) (*longrunningpb.Operation, error) {
	if _, err := s.find(ctx, permissionDelete, req.GetName()); err != nil {
		return nil, err
	}
	if err := s.forget(req.GetName()); err != nil {
		return nil, err
	}
	in, _, err := parseName(req.GetName())
	if err != nil {
		return nil, err
	}
	return s.done(in, &aiplatformpb.DeleteOperationMetadata{GenericMetadata: s.generic()}, &emptypb.Empty{})
}

// BatchDeletePipelineJobs forgets all the named jobs or none.
func (s *Service) BatchDeletePipelineJobs(ctx context.Context, req *aiplatformpb.BatchDeletePipelineJobsRequest) (*longrunningpb.Operation, error) {
	in, err := s.batch(ctx, permissionDelete, req.GetParent(), req.GetNames())
	if err != nil {
		return nil, err
	}
	deleted := &aiplatformpb.BatchDeletePipelineJobsResponse{}
	for _, name := range req.GetNames() {
		if r, err := s.find(ctx, permissionDelete, name); err == nil {
			deleted.PipelineJobs = append(deleted.PipelineJobs, r.snapshot())
		}
	}
	if err := s.forget(req.GetNames()...); err != nil {
		return nil, err
	}
	return s.done(in, &aiplatformpb.DeleteOperationMetadata{GenericMetadata: s.generic()}, deleted)
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
		if !strings.HasPrefix(name, in.name("")) {
			return parent{}, status.Errorf(codes.InvalidArgument, "Invalid value for names: %q is not in %s.", name, in)
		}
	}
	return in, nil
}

func (s *Service) generic() *aiplatformpb.GenericOperationMetadata {
	now := timestamppb.New(s.now())
	return &aiplatformpb.GenericOperationMetadata{CreateTime: now, UpdateTime: now}
}

// done makes an operation that has ended: there is nothing to wait for.
func (s *Service) done(in parent, metadata, response proto.Message) (*longrunningpb.Operation, error) {
	packedMetadata, err := anypb.New(metadata)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	packed, err := anypb.New(response)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &longrunningpb.Operation{
		Name:     in.String() + "/operations/" + newNumber(),
		Metadata: packedMetadata,
		Done:     true,
		Result:   &longrunningpb.Operation_Response{Response: packed},
	}, nil
}
