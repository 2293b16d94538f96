package tasks_test

import (
	"strconv"
	"testing"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
)

// over reads what an operation tells.
func over[M proto.Message](t *testing.T, op *longrunningpb.Operation, err error, metadata M) M {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if !op.GetDone() {
		t.Errorf("got %v, want it done", op)
	}
	if err := op.GetMetadata().UnmarshalTo(metadata); err != nil {
		t.Fatal(err)
	}
	return metadata
}

func batchOf(ids ...string) *cloudtaskspb.BatchCreateTasksRequest {
	b := &cloudtaskspb.BatchCreateTasksRequest{Parent: queueName}
	for _, id := range ids {
		task := &cloudtaskspb.Task{Name: taskName(id), MessageType: &cloudtaskspb.Task_HttpRequest{HttpRequest: &cloudtaskspb.HttpRequest{Url: "http://a"}}}
		anHour(task)
		b.Requests = append(b.Requests, &cloudtaskspb.CreateTaskRequest{Parent: queueName, Task: task})
	}
	return b
}

func TestBatchCreate(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		w.queue(t, &cloudtaskspb.Queue{})
		first := batchOf("a", "b", "not valid")
		first.RequestId = "mine"
		op, err := w.BatchCreateTasks(w.as(t, admin), first)
		told := over(t, op, err, &cloudtaskspb.BatchCreateTasksMetadata{})
		created := &cloudtaskspb.BatchCreateTasksResponse{}
		if err := op.GetResponse().UnmarshalTo(created); err != nil || len(created.GetTasks()) != 2 || op.GetName() != location+"/operations/mine" {
			t.Errorf("got %v, %v, want two tasks", op, err)
		}
		if f := told.GetFailedRequests(); told.GetState() != cloudtaskspb.BatchCreateTasksMetadata_PARTIALLY_SUCCEEDED || len(f) != 1 || codes.Code(f[2].GetCode()) != codes.InvalidArgument { //nolint:gosec // codes are small
			t.Errorf("got %v, want that the third failed", told)
		}
		if again, err := w.BatchCreateTasks(w.as(t, admin), first); err != nil || !proto.Equal(op, again) {
			t.Errorf("the same request again: got %v, %v, want the same answer", again, err)
		}
		other := batchOf("c")
		other.RequestId = "mine"
		_, err = w.BatchCreateTasks(w.as(t, admin), other)
		wantCode(t, "another with its id", err, codes.AlreadyExists, `"mine"`)
		op, err = w.BatchCreateTasks(w.as(t, admin), batchOf("a", "b"))
		over(t, op, err, &cloudtaskspb.BatchCreateTasksMetadata{})
		if f := op.GetError(); codes.Code(f.GetCode()) != codes.Aborted { //nolint:gosec // codes are small
			t.Errorf("got %v, want that none succeeded", op)
		}
	})
}

func TestBatchDelete(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		w.queue(t, &cloudtaskspb.Queue{})
		w.task(t, "a", anHour)
		w.task(t, "b", anHour)
		op, err := w.BatchDeleteTasks(w.as(t, admin), &cloudtaskspb.BatchDeleteTasksRequest{Parent: queueName, Names: []string{taskName("a"), taskName("b")}})
		told := over(t, op, err, &cloudtaskspb.BatchDeleteTasksMetadata{})
		if told.GetState() != cloudtaskspb.BatchDeleteTasksMetadata_SUCCEEDED || op.GetResponse() == nil {
			t.Errorf("got %v, want success", op)
		}
		_, err = w.get(t, "a")
		wantCode(t, "afterwards", err, codes.NotFound, "")
		op, err = w.BatchDeleteTasks(w.as(t, admin), &cloudtaskspb.BatchDeleteTasksRequest{Parent: queueName, Names: []string{taskName("a")}})
		told = over(t, op, err, &cloudtaskspb.BatchDeleteTasksMetadata{})
		if len(told.GetFailedRequests()) != 1 || op.GetError().GetMessage() != "None of the requests succeeded, refer to BatchDeleteTasksMetadata.failed_requests for individual error details" {
			t.Errorf("got %v, %v, want that it failed", op, told)
		}
	})
}

func TestBatchesRefused(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		w.queue(t, &cloudtaskspb.Queue{})
		var many []string
		for i := range 1001 {
			many = append(many, strconv.Itoa(i))
		}
		elsewhere := batchOf("a")
		elsewhere.Requests[0].Parent += "-other"
		creates := map[string]*cloudtaskspb.BatchCreateTasksRequest{
			"A batch must have between 1 and 100 tasks, got 0.": batchOf(), "A batch must have between 1 and 100 tasks, got 101.": batchOf(many[:101]...),
			"must all have the parent of the batch": elsewhere,
		}
		for message, request := range creates {
			_, err := w.BatchCreateTasks(w.as(t, admin), request)
			wantCode(t, "create", err, codes.InvalidArgument, message)
		}
		deletes := map[string][]string{
			"A batch must have between 1 and 1000 tasks, got 0.": nil, "A batch must have between 1 and 1000 tasks, got 1001.": many,
			"must all be of the queue": {queueName + "-other/tasks/a"},
		}
		for message, names := range deletes {
			_, err := w.BatchDeleteTasks(w.as(t, admin), &cloudtaskspb.BatchDeleteTasksRequest{Parent: queueName, Names: names})
			wantCode(t, "delete", err, codes.InvalidArgument, message)
		}
		_, err := w.BatchDeleteTasks(w.as(t, enqueuer), &cloudtaskspb.BatchDeleteTasksRequest{Parent: queueName, Names: []string{taskName("a")}})
		wantCode(t, "permission", err, codes.PermissionDenied, "cloudtasks.tasks.delete")
	})
}
