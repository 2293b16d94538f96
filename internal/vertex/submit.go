package vertex

import (
	"context"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/backoff"
	"github.com/authcall/authcall/internal/gapi"
)

// Every call is bounded, and tried again where nothing answered: the library
// does neither by itself.
const (
	callTimeout = 60 * time.Second
	maxAttempts = 4
	// patience is how long a call that nothing answers is tried again.
	patience = 20 * time.Second
)

// Creator makes runs. *aiplatform.PipelineClient is one.
type Creator interface {
	Getter
	CreatePipelineJob(ctx context.Context, req *aiplatformpb.CreatePipelineJobRequest, opts ...gax.CallOption) (*aiplatformpb.PipelineJob, error)
}

// Getter looks a run up. *aiplatform.PipelineClient is one.
type Getter interface {
	GetPipelineJob(ctx context.Context, req *aiplatformpb.GetPipelineJobRequest, opts ...gax.CallOption) (*aiplatformpb.PipelineJob, error)
}

// Submit checks the submission and starts the run. Nothing is sent where the
// check fails. The error is an *Error, or the context's.
func Submit(ctx context.Context, c Creator, s Submission) (*aiplatformpb.PipelineJob, error) {
	req, err := s.Request()
	if err != nil {
		return nil, err
	}
	return create(ctx, c, req)
}

// create starts the run once, however often it is tried: the job id makes a
// second attempt fail where the first one arrived and only its answer was lost.
func create(ctx context.Context, c Creator, req *aiplatformpb.CreatePipelineJobRequest) (*aiplatformpb.PipelineJob, error) {
	attempts := 0
	job, err := retry(ctx, "submitting the run", func(ctx context.Context) (*aiplatformpb.PipelineJob, error) {
		attempts++
		return c.CreatePipelineJob(ctx, req)
	})
	if IsKind(err, Exists) && attempts > 1 {
		existing, getErr := Get(ctx, c, req.GetParent()+"/pipelineJobs/"+req.GetPipelineJobId())
		if getErr == nil && sameRun(existing, req.GetPipelineJob()) {
			return existing, nil
		}
	}
	return job, err
}

// sameRun tells whether a run that is there was made by this request.
func sameRun(got, want *aiplatformpb.PipelineJob) bool {
	return got.GetDisplayName() == want.GetDisplayName() &&
		got.GetServiceAccount() == want.GetServiceAccount() &&
		proto.Equal(got.GetPipelineSpec(), want.GetPipelineSpec())
}

// Get looks a run up by its resource name. The error is an *Error, or the
// context's.
func Get(ctx context.Context, g Getter, name string) (*aiplatformpb.PipelineJob, error) {
	return retry(ctx, "getting run "+name, func(ctx context.Context) (*aiplatformpb.PipelineJob, error) {
		return g.GetPipelineJob(ctx, &aiplatformpb.GetPipelineJobRequest{Name: name})
	})
}

// retry makes a call, and makes it again a few times while nothing answers. One
// that took long to come to nothing is not made again: somebody waits.
func retry(ctx context.Context, op string, call func(context.Context) (*aiplatformpb.PipelineJob, error)) (*aiplatformpb.PipelineJob, error) {
	waits, start := backoff.Default(), time.Now()
	for attempt := 1; ; attempt++ {
		job, err := withTimeout(ctx, call)
		if err = gapi.AsError(ctx, op, err); !IsKind(err, Unavailable) || attempt == maxAttempts || time.Since(start) >= patience {
			return job, err
		}
		if !waits.Wait(ctx, waits.Delay(attempt, nil)) {
			return nil, gapi.AsError(ctx, op, err)
		}
	}
}

func withTimeout(ctx context.Context, call func(context.Context) (*aiplatformpb.PipelineJob, error)) (*aiplatformpb.PipelineJob, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return call(ctx)
}
