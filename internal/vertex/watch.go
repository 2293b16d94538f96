package vertex

import (
	"context"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/backoff"
	"github.com/authcall/authcall/internal/gapi"
)

// WatchOptions say how a run is watched. The zero value is fit for Vertex AI.
type WatchOptions struct {
	// OnChange is told of the run whenever it looks different from last time,
	// the first time included; nil means nobody is.
	OnChange func(*aiplatformpb.PipelineJob)
	// Interval is the wait between two looks at a run that has just changed; it
	// grows by half while nothing changes. Zero means 250 ms.
	Interval time.Duration
	// MaxInterval caps the wait. Zero means 10 s: Vertex AI allows 600 such
	// calls a minute in a region.
	MaxInterval time.Duration
}

// maxSilence is how long a service that gives no answer is put up with.
const maxSilence = 5 * time.Minute

// Watch looks at a run until it has ended or is paused and returns it as it
// then is; see Outcome. The run as last seen is returned with every error: an
// *Error, or the context's cause.
func Watch(ctx context.Context, g Getter, name string, o WatchOptions) (*aiplatformpb.PipelineJob, error) {
	w := watch{getter: g, name: name, options: o.withDefaults(), heard: time.Now()}
	w.wait = w.options.Interval
	for {
		if err := w.look(ctx); err != nil {
			return w.last, err
		}
		if Ended(w.last.GetState()) {
			return w.last, nil
		}
		if err := backoff.Sleep(ctx, w.wait); err != nil {
			return w.last, gapi.AsError(ctx, "watching run "+name, err)
		}
		w.wait = min(w.wait*3/2, w.options.MaxInterval)
	}
}

func (o WatchOptions) withDefaults() WatchOptions {
	if o.OnChange == nil {
		o.OnChange = func(*aiplatformpb.PipelineJob) {}
	}
	if o.Interval <= 0 {
		o.Interval = 250 * time.Millisecond
	}
	if o.MaxInterval <= 0 {
		o.MaxInterval = 10 * time.Second
	}
	return o
}

// watch is one Watch under way.
type watch struct {
	getter  Getter
	name    string
	options WatchOptions
	wait    time.Duration
	heard   time.Time
	last    *aiplatformpb.PipelineJob
}

// look asks for the run once. No answer is no error yet, nor is a quota that
// others used up: a run of hours outlives many of both.
func (w *watch) look(ctx context.Context) error {
	job, err := Get(ctx, w.getter, w.name)
	switch {
	case (IsKind(err, Unavailable) || IsKind(err, Quota)) && time.Since(w.heard) < maxSilence:
		return nil
	case err != nil:
		return err
	}
	w.heard = time.Now()
	if !proto.Equal(job, w.last) {
		w.last, w.wait = job, w.options.Interval
		w.options.OnChange(job)
	}
	return nil
}
