package pipelineservice

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
)

const (
	defaultPageSize = 100
	maxPageSize     = 1000
)

// ListPipelineJobs lists the jobs of a location, the newest first, without
// their details.
func (s *Service) ListPipelineJobs(ctx context.Context, req *aiplatformpb.ListPipelineJobsRequest) (*aiplatformpb.ListPipelineJobsResponse, error) {
	in, err := parseParent(req.GetParent())
	if err != nil {
		return nil, err
	}
	if _, err := s.authorize(ctx, permissionList, in); err != nil {
		return nil, err
	}
	query, err := parseQuery(req)
	if err != nil {
		return nil, err
	}
	jobs, err := s.jobs(in)
	if err != nil {
		return nil, err
	}
	jobs = slices.DeleteFunc(jobs, func(job *aiplatformpb.PipelineJob) bool { return !query.filter(job) })
	slices.SortFunc(jobs, func(a, b *aiplatformpb.PipelineJob) int { return query.order(position(a), position(b)) })
	page, next := query.page(jobs)
	for _, job := range page {
		job.JobDetail = nil
		query.mask.apply(job.ProtoReflect())
	}
	return &aiplatformpb.ListPipelineJobsResponse{PipelineJobs: page, NextPageToken: next}, nil
}

// query is what a list request asks for.
type query struct {
	filter filter
	order  func(a, b string) int
	mask   mask
	size   int
	// after is the position of the last job of the page before; empty for the
	// first page.
	after string
}

func parseQuery(req *aiplatformpb.ListPipelineJobsRequest) (query, error) {
	q := query{size: int(req.GetPageSize())}
	var err error
	if q.filter, err = parseFilter(req.GetFilter()); err != nil {
		return query{}, invalidf("filter", "%w", err)
	}
	if q.order, err = parseOrder(req.GetOrderBy()); err != nil {
		return query{}, invalidf("order_by", "%w", err)
	}
	if q.after, err = parseToken(req.GetPageToken()); err != nil {
		return query{}, invalidf("page_token", "%w", err)
	}
	if q.size < 0 {
		return query{}, invalidf("page_size", "want 0 to %d, got %d", maxPageSize, q.size)
	}
	if q.size == 0 {
		q.size = defaultPageSize
	}
	q.size = min(q.size, maxPageSize)
	if q.mask, err = parseMask(req.GetReadMask(), &aiplatformpb.PipelineJob{}); err != nil {
		return query{}, invalidf("read_mask", "%w", err)
	}
	return q, nil
}

func parseOrder(text string) (func(a, b string) int, error) {
	switch strings.Join(strings.Fields(text), " ") {
	case "create_time", "create_time asc":
		return cmp.Compare[string], nil
	case "", "create_time desc":
		return func(a, b string) int { return cmp.Compare(b, a) }, nil
	default:
		return nil, fmt.Errorf("the local service orders by create_time only, got %q", text)
	}
}

// page cuts one page out of the sorted jobs. A token names the last job seen
// rather than counting, so that jobs that come or go between two pages make
// none appear twice or be passed over.
func (q query) page(jobs []*aiplatformpb.PipelineJob) (page []*aiplatformpb.PipelineJob, next string) {
	if q.after != "" {
		start := slices.IndexFunc(jobs, func(job *aiplatformpb.PipelineJob) bool { return q.order(position(job), q.after) > 0 })
		if start < 0 {
			return nil, ""
		}
		jobs = jobs[start:]
	}
	if len(jobs) <= q.size {
		return jobs, ""
	}
	return jobs[:q.size], base64.RawURLEncoding.EncodeToString([]byte(position(jobs[q.size-1])))
}

// position sorts as the jobs' creation times do; the name tells those of one
// instant apart.
func position(job *aiplatformpb.PipelineJob) string {
	return job.GetCreateTime().AsTime().Format("2006-01-02T15:04:05.000000000Z") + " " + job.GetName()
}

func parseToken(token string) (string, error) {
	after, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || token != "" && !strings.Contains(string(after), " projects/") {
		return "", errors.New("it is not one that this service gave")
	}
	return string(after), nil
}
