package tasks

import (
	"context"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/internal/localgcp/paging"
	"github.com/authcall/authcall/internal/localgcp/tasks/filter"
	"github.com/authcall/authcall/internal/localgcp/tasks/resource"
)

// The most that a page holds.
const (
	maxQueues = 9800
	maxTasks  = 1000
)

// ListQueues lists the queues of a location by their names.
func (s *Server) ListQueues(ctx context.Context, req *cloudtaskspb.ListQueuesRequest) (*cloudtaskspb.ListQueuesResponse, error) {
	in, err := s.location(req.GetParent())
	if err != nil {
		return nil, err
	}
	if err := s.authorize(ctx, listQueues, in.String()); err != nil {
		return nil, err
	}
	matches, err := filter.Parse(req.GetFilter())
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "Invalid filter: %v.", err)
	}
	found := map[string]*cloudtaskspb.Queue{}
	var ids []string
	for _, q := range s.queuesOf(in) {
		if shown := q.snapshot(); matches(shown) {
			found[q.name.ID] = shown
			ids = append(ids, q.name.ID)
		}
	}
	page, next, err := paging.Page(ids, paging.Request{Size: req.GetPageSize(), Token: req.GetPageToken(), Max: maxQueues})
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "Invalid %v.", err)
	}
	listed := &cloudtaskspb.ListQueuesResponse{NextPageToken: next}
	for _, id := range page {
		listed.Queues = append(listed.Queues, found[id])
	}
	return listed, nil
}

func (s *Server) queuesOf(in resource.Location) []*queue {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*queue
	for name, q := range s.queues {
		if name.Location == in {
			all = append(all, q)
		}
	}
	return all
}

// ListTasks lists the tasks of a queue by their names.
func (s *Server) ListTasks(ctx context.Context, req *cloudtaskspb.ListTasksRequest) (*cloudtaskspb.ListTasksResponse, error) {
	q, err := s.queue(ctx, req.GetParent(), listTasks)
	if err != nil {
		return nil, err
	}
	for _, p := range seeing(req.GetResponseView()) {
		if err := s.authorize(ctx, p, q.name.String()); err != nil {
			return nil, err
		}
	}
	page, next, err := paging.Page(q.ids(), paging.Request{Size: req.GetPageSize(), Token: req.GetPageToken(), Max: maxTasks})
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "Invalid %v.", err)
	}
	listed := &cloudtaskspb.ListTasksResponse{NextPageToken: next}
	for _, id := range page {
		if shown, err := q.task(id, req.GetResponseView()); err == nil { // it may have ended meanwhile
			listed.Tasks = append(listed.Tasks, shown)
		}
	}
	return listed, nil
}
