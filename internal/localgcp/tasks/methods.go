package tasks

import (
	"context"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/authcall/authcall/internal/localgcp/tasks/resource"
)

// CreateTask takes a task into a queue.
func (s *Server) CreateTask(ctx context.Context, req *cloudtaskspb.CreateTaskRequest) (*cloudtaskspb.Task, error) {
	in, err := s.queueName(req.GetParent())
	if err != nil {
		return nil, err
	}
	for _, p := range append(seeing(req.GetResponseView()), createTask) {
		if err := s.authorize(ctx, p, in.String()); err != nil {
			return nil, err
		}
	}
	if req.GetTask() == nil {
		return nil, status.Error(codes.InvalidArgument, "CreateTaskRequest.task is required.")
	}
	name, err := s.nameOfNew(req.GetTask().GetName(), in)
	if err != nil {
		return nil, err
	}
	request := req.GetTask().GetHttpRequest()
	if err := s.mayActAs(ctx, resource.Accounts(request.GetOidcToken(), request.GetOauthToken())); err != nil {
		return nil, err
	}
	q, ok := s.lookup(in)
	if !ok {
		return nil, errNoQueue
	}
	task := proto.CloneOf(req.GetTask())
	task.Name = name.String()
	return q.add(&record{name: name, task: task}, req.GetResponseView())
}

// nameOfNew is the name that a task is given, or a new one.
func (s *Server) nameOfNew(text string, in resource.Queue) (resource.Task, error) {
	if text == "" {
		return resource.Task{Queue: in, ID: newID()}, nil
	}
	name, err := s.taskName(text)
	if err == nil && name.Queue != in {
		err = status.Errorf(codes.InvalidArgument,
			"The queue name from request ('%s') must be the same as the queue name in the named task ('%s').", in, name.Queue)
	}
	return name, err
}

// GetTask shows a task.
func (s *Server) GetTask(ctx context.Context, req *cloudtaskspb.GetTaskRequest) (*cloudtaskspb.Task, error) {
	q, id, err := s.task(ctx, req.GetName(), append(seeing(req.GetResponseView()), getTask)...)
	if err != nil {
		return nil, err
	}
	return q.task(id, req.GetResponseView())
}

// DeleteTask takes a task out of its queue.
func (s *Server) DeleteTask(ctx context.Context, req *cloudtaskspb.DeleteTaskRequest) (*emptypb.Empty, error) {
	q, id, err := s.task(ctx, req.GetName(), deleteTask)
	if err != nil {
		return nil, err
	}
	if err := q.remove(id); err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}

// RunTask sends a task now, whatever its time and its queue say.
func (s *Server) RunTask(ctx context.Context, req *cloudtaskspb.RunTaskRequest) (*cloudtaskspb.Task, error) {
	q, id, err := s.task(ctx, req.GetName(), append(seeing(req.GetResponseView()), runTask)...)
	if err != nil {
		return nil, err
	}
	return q.runNow(id, req.GetResponseView())
}

// seeing are the permissions that a view of a task needs beside the call's own.
func seeing(view cloudtaskspb.Task_View) []string {
	if view == cloudtaskspb.Task_FULL {
		return []string{viewAll}
	}
	return nil
}
