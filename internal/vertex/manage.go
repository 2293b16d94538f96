package vertex

import (
	"context"
	"errors"

	aiplatform "cloud.google.com/go/aiplatform/apiv1"
	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/api/iterator"

	"github.com/authcall/authcall/internal/gapi"
)

// Canceler ends runs. *aiplatform.PipelineClient is one.
type Canceler interface {
	CancelPipelineJob(ctx context.Context, req *aiplatformpb.CancelPipelineJobRequest, opts ...gax.CallOption) error
}

// Cancel begins to end a run, which is CANCELLED some time later. The error is
// an *Error, or the context's.
func Cancel(ctx context.Context, c Canceler, name string) error {
	_, err := retry(ctx, "cancelling run "+name, func(ctx context.Context) (*aiplatformpb.PipelineJob, error) {
		return nil, c.CancelPipelineJob(ctx, &aiplatformpb.CancelPipelineJobRequest{Name: name})
	})
	return err
}

// Lister lists runs. *aiplatform.PipelineClient is one.
type Lister interface {
	ListPipelineJobs(ctx context.Context, req *aiplatformpb.ListPipelineJobsRequest, opts ...gax.CallOption) *aiplatform.PipelineJobIterator
}

// ListOptions say which runs are listed.
type ListOptions struct {
	// Parent is projects/PROJECT/locations/LOCATION.
	Parent string
	// Filter is in the API's filter language; empty means all runs.
	Filter string
	// Limit is how many runs are listed at the most.
	Limit int
}

// maxPage is how many runs are asked for at once.
const maxPage = 100

// List returns the newest runs first, without their details. The error is an
// *Error, or the context's.
func List(ctx context.Context, l Lister, o ListOptions) ([]*aiplatformpb.PipelineJob, error) {
	limited, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	page := int32(min(o.Limit, maxPage)) //nolint:gosec // at most maxPage
	runs := l.ListPipelineJobs(limited, &aiplatformpb.ListPipelineJobsRequest{
		Parent: o.Parent, Filter: o.Filter, PageSize: page, OrderBy: "create_time desc",
	})
	var jobs []*aiplatformpb.PipelineJob
	for len(jobs) < o.Limit {
		job, err := runs.Next()
		if errors.Is(err, iterator.Done) {
			break
		}
		if err != nil {
			return nil, gapi.AsError(ctx, "listing the runs of "+o.Parent, err)
		}
		jobs = append(jobs, job)
	}
	return jobs, nil
}

// Deleter forgets runs. *aiplatform.PipelineClient is one.
type Deleter interface {
	DeletePipelineJob(ctx context.Context, req *aiplatformpb.DeletePipelineJobRequest, opts ...gax.CallOption) (*aiplatform.DeletePipelineJobOperation, error)
}

// Delete forgets a run that has ended, and waits until it is forgotten. The
// error is an *Error, or the context's.
func Delete(ctx context.Context, d Deleter, name string) error {
	attempts := 0
	_, err := retry(ctx, "deleting run "+name, func(ctx context.Context) (*aiplatformpb.PipelineJob, error) {
		attempts++
		operation, err := d.DeletePipelineJob(ctx, &aiplatformpb.DeletePipelineJobRequest{Name: name})
		if err != nil {
			return nil, err
		}
		return nil, operation.Wait(ctx)
	})
	if IsKind(err, NotFound) && attempts > 1 { // an attempt arrived whose answer was lost
		return nil
	}
	return err
}
