package scheduler

import (
	"context"
	"strings"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/localgcp/paging"
)

// maxPage is the size of a page, and of one that says nothing of its size.
const maxPage = 500

// ListJobs returns the jobs of a location by their names.
func (s *Service) ListJobs(ctx context.Context, req *schedulerpb.ListJobsRequest) (*schedulerpb.ListJobsResponse, error) {
	in, err := parseParent(req.GetParent())
	if err != nil {
		return nil, err
	}
	if err := s.authorize(ctx, permissionList, in); err != nil {
		return nil, err
	}
	names, next, err := paging.Page(s.names(in), paging.Request{Size: req.GetPageSize(), Token: req.GetPageToken(), Max: maxPage})
	if err != nil {
		return nil, invalid("page", "Invalid %v.", err)
	}
	return &schedulerpb.ListJobsResponse{Jobs: s.clones(names), NextPageToken: next}, nil
}

// names are those of a location's jobs.
func (s *Service) names(in parent) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for name := range s.jobs {
		if strings.HasPrefix(name, in.String()+jobsPath) {
			names = append(names, name)
		}
	}
	return names
}

// clones are the jobs of the names, but for those deleted meanwhile.
func (s *Service) clones(names []string) []*schedulerpb.Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	var jobs []*schedulerpb.Job
	for _, name := range names {
		if r, ok := s.jobs[name]; ok {
			jobs = append(jobs, proto.CloneOf(r.job))
		}
	}
	return jobs
}
