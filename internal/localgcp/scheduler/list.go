package scheduler

import (
	"context"
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"google.golang.org/protobuf/proto"
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
	if req.GetPageSize() < 0 {
		return nil, invalid("page_size", "The page size must not be negative.")
	}
	size := int(req.GetPageSize())
	if size == 0 || size > maxPage {
		size = maxPage
	}
	after, err := base64.RawURLEncoding.DecodeString(req.GetPageToken())
	if err != nil {
		return nil, invalid("page_token", "The page token is invalid.")
	}
	return s.page(in, string(after), size), nil
}

// page holds the jobs that come after a name. Its token is the last name of it.
func (s *Service) page(in parent, after string, size int) *schedulerpb.ListJobsResponse {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := &schedulerpb.ListJobsResponse{}
	for _, name := range slices.Sorted(maps.Keys(s.jobs)) {
		if !strings.HasPrefix(name, in.String()+jobsPath) || name <= after {
			continue
		}
		if len(answer.GetJobs()) == size {
			last := answer.GetJobs()[size-1].GetName()
			answer.NextPageToken = base64.RawURLEncoding.EncodeToString([]byte(last))
			break
		}
		answer.Jobs = append(answer.Jobs, proto.CloneOf(s.jobs[name].job))
	}
	return answer
}
