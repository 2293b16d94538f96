package tasks

import (
	"context"
	"slices"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/authcall/authcall/internal/localgcp/tasks/resource"
)

// The most that a batch holds.
const (
	maxCreated = 100
	maxDeleted = 1000
)

// BatchCreateTasks creates tasks of one queue. The operation is over when it is
// answered; its metadata tells which requests failed.
func (s *Server) BatchCreateTasks(ctx context.Context, req *cloudtaskspb.BatchCreateTasksRequest) (*longrunningpb.Operation, error) {
	in, err := s.batch(ctx, req.GetParent(), createTask, len(req.GetRequests()), maxCreated)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(req.GetRequests(), func(r *cloudtaskspb.CreateTaskRequest) bool { return r.GetParent() != req.GetParent() }) {
		return nil, status.Error(codes.InvalidArgument, "BatchCreateTasksRequest.requests must all have the parent of the batch.")
	}
	return s.once(in, req.GetRequestId(), req, func() outcome {
		told := &cloudtaskspb.BatchCreateTasksMetadata{StartTime: timestamppb.New(s.clock.Now()), State: cloudtaskspb.BatchCreateTasksMetadata_SUCCEEDED}
		created, failed := &cloudtaskspb.BatchCreateTasksResponse{}, failures{}
		for i, r := range req.GetRequests() {
			if task, err := s.CreateTask(ctx, r); failed.add(i, err) {
				created.Tasks = append(created.Tasks, task)
			}
		}
		if len(failed) > 0 {
			told.State = cloudtaskspb.BatchCreateTasksMetadata_PARTIALLY_SUCCEEDED
		}
		told.EndTime, told.FailedRequests = timestamppb.New(s.clock.Now()), failed
		return outcome{told, created, failed.ofAll(len(req.GetRequests()), "BatchCreateTasksMetadata")}
	})
}

// BatchDeleteTasks deletes tasks of one queue, in the same way.
func (s *Server) BatchDeleteTasks(ctx context.Context, req *cloudtaskspb.BatchDeleteTasksRequest) (*longrunningpb.Operation, error) {
	in, err := s.batch(ctx, req.GetParent(), deleteTask, len(req.GetNames()), maxDeleted)
	if err != nil {
		return nil, err
	}
	for _, name := range req.GetNames() {
		if task, err := s.taskName(name); err != nil || task.Queue != in {
			return nil, status.Errorf(codes.InvalidArgument, "BatchDeleteTasksRequest.names must all be of the queue %s, not %q.", in, name)
		}
	}
	return s.once(in, req.GetRequestId(), req, func() outcome {
		told := &cloudtaskspb.BatchDeleteTasksMetadata{StartTime: timestamppb.New(s.clock.Now()), State: cloudtaskspb.BatchDeleteTasksMetadata_SUCCEEDED}
		failed := failures{}
		for i, name := range req.GetNames() {
			_, err := s.DeleteTask(ctx, &cloudtaskspb.DeleteTaskRequest{Name: name})
			failed.add(i, err)
		}
		if len(failed) > 0 {
			told.State = cloudtaskspb.BatchDeleteTasksMetadata_PARTIALLY_SUCCEEDED
		}
		told.EndTime, told.FailedRequests = timestamppb.New(s.clock.Now()), failed
		return outcome{told, &emptypb.Empty{}, failed.ofAll(len(req.GetNames()), "BatchDeleteTasksMetadata")}
	})
}

// batch checks what is the same for all batches.
func (s *Server) batch(ctx context.Context, parent, permission string, size, most int) (resource.Queue, error) {
	q, err := s.queue(ctx, parent, permission)
	if err != nil {
		return resource.Queue{}, err
	}
	if size == 0 || size > most {
		return resource.Queue{}, status.Errorf(codes.InvalidArgument, "A batch must have between 1 and %d tasks, got %d.", most, size)
	}
	return q.name, nil
}

// failures are the errors of a batch's requests by their numbers.
type failures map[int32]*rpcstatus.Status

func (f failures) add(i int, err error) (succeeded bool) {
	if err != nil {
		f[int32(i)] = status.Convert(err).Proto() //nolint:gosec // a batch is short
	}
	return err == nil
}

// ofAll is the error of an operation none of whose requests succeeded.
func (f failures) ofAll(requests int, metadata string) *rpcstatus.Status {
	if len(f) < requests {
		return nil
	}
	return &rpcstatus.Status{
		Code:    int32(codes.Aborted),
		Message: "None of the requests succeeded, refer to " + metadata + ".failed_requests for individual error details",
	}
}
