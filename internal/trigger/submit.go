package trigger

import (
	"context"
	"errors"
	"net/http"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/trigger/config"
	"github.com/authcall/authcall/internal/vertex"
)

// submit starts the run, unless it is there. Deliveries of the same event at the same
// time share one call, which goes on to its end even where its sender has hung up.
func (rc *Receiver) submit(ctx context.Context, to *route, run vertex.Run) outcome {
	first := false
	answer := rc.flights.DoChan(run.JobID, func() (any, error) {
		first = true
		return rc.create(ctx, to, run)
	})
	select {
	case <-ctx.Done():
		return tooLate(ctx)
	case result := <-answer:
		job, _ := result.Val.(*aiplatformpb.PipelineJob)
		switch {
		case result.Err == nil && first:
			return done(submitted, job.GetName())
		case result.Err == nil:
			return done(exists, job.GetName())
		case errors.Is(result.Err, context.DeadlineExceeded): // of whoever came first
			return tooLate(ctx).because(result.Err)
		case vertex.IsKind(result.Err, vertex.Exists):
			return done(exists, rc.nameOf(run))
		case vertex.IsKind(result.Err, vertex.Invalid):
			return bad(to, &config.MappingError{Field: "run", Problem: "the event makes no valid run", Detail: result.Err})
		}
		return unsubmitted(result.Err).because(rc.explain(ctx, result.Err))
	}
}

func (rc *Receiver) create(ctx context.Context, to *route, run vertex.Run) (*aiplatformpb.PipelineJob, error) {
	rc.work.hold()
	defer rc.work.end()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rc.config.Limits.RequestTime())
	defer cancel()
	start := time.Now()
	job, err := to.Template.Submit(ctx, rc.creator, run)
	rc.metrics.submitSeconds.WithLabelValues(to.Name).Observe(time.Since(start).Seconds())
	return job, err
}

// nameOf is the resource name of a run.
func (rc *Receiver) nameOf(run vertex.Run) string {
	s := vertex.Submission{Project: rc.config.Project, Location: rc.config.Location}
	return s.Parent() + "/pipelineJobs/" + run.JobID
}

func tooLate(ctx context.Context) outcome {
	return later(unavailable, http.StatusServiceUnavailable, shortly, "the run was not submitted in time").because(context.Cause(ctx))
}

// unsubmitted answers a failure of the pipeline service. What somebody has to mend
// is told as what passes: once it is mended, the next try starts the run.
func unsubmitted(err error) outcome {
	kinds := map[vertex.Kind]outcome{
		vertex.Rejected:    failed(rejected, http.StatusUnprocessableEntity, "the pipeline service takes no such run"),
		vertex.Credentials: later(credentials, http.StatusServiceUnavailable, minute, "the receiver's credentials are not accepted"),
		vertex.Permission:  later(permission, http.StatusServiceUnavailable, minute, "the receiver may not submit runs"),
		vertex.ActAs:       later(permission, http.StatusServiceUnavailable, minute, "the receiver may not submit runs under this account"),
		vertex.NotFound:    later(notFound, http.StatusServiceUnavailable, minute, "the project or the region was not found"),
		vertex.Quota:       later(quota, http.StatusTooManyRequests, minute/2, "a quota of the pipeline service is used up"),
		vertex.Unavailable: later(unavailable, http.StatusServiceUnavailable, shortly, "the pipeline service does not answer"),
	}
	for kind, o := range kinds {
		if vertex.IsKind(err, kind) {
			if o.retryAfter == minute || kind == vertex.Rejected {
				o.level = zerolog.ErrorLevel // somebody has to act
			}
			return o
		}
	}
	return later(internal, http.StatusServiceUnavailable, shortly, "the pipeline service failed")
}
