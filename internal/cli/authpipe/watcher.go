package authpipe

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"

	"github.com/authcall/authcall/internal/vertex"
)

const (
	localInterval    = 20 * time.Millisecond
	localMaxInterval = 500 * time.Millisecond
	// cancelGrace is how long a local run may take to end after Ctrl-C: a step
	// has ten seconds to obey.
	cancelGrace = 15 * time.Second
)

// watcher waits for a run and tells of it.
type watcher struct {
	*factory
	session *session
	venue   *venue
	// output is json or empty.
	output format
	// timeout bounds the wait; 0 does not.
	timeout time.Duration
	// inProcess says that the run is in this very process and ends with it.
	inProcess bool
	// submitted is the run as the service took it; nil where that was another
	// time.
	submitted *aiplatformpb.PipelineJob
	// progress tells of tasks as they go.
	progress *progress
}

func newWatcher(f *factory, s *session, v *venue) *watcher {
	return &watcher{factory: f, session: s, venue: v, progress: newProgress(f)}
}

// watch waits for the run's end and tells how it went.
func (w *watcher) watch(ctx context.Context, name string) error {
	limited, cancel := w.limit(ctx)
	defer cancel()
	job, err := vertex.Watch(limited, w.session, name, w.options())
	switch {
	case err == nil:
		return w.conclude(job)
	case limited.Err() != nil:
		return w.leave(ctx, name, job, context.Cause(limited))
	default:
		return w.session.explain(ctx, err)
	}
}

// options are fit for the place: a local run changes fast, and looking at it
// costs nothing.
func (w *watcher) options() vertex.WatchOptions {
	o := vertex.WatchOptions{OnChange: w.progress.show}
	if w.venue.local != nil {
		o.Interval, o.MaxInterval = localInterval, localMaxInterval
	}
	return o
}

func (w *watcher) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if w.timeout == 0 {
		return context.WithCancel(ctx)
	}
	return w.bound(ctx, w.timeout, &waitError{waited: w.timeout.String()})
}

// conclude tells of a run that has ended: to people, to machines, and by the
// error.
func (w *watcher) conclude(job *aiplatformpb.PipelineJob) error {
	w.summarize(job)
	if err := w.print(job); err != nil {
		return err
	}
	return w.outcome(job)
}

func (w *watcher) print(job *aiplatformpb.PipelineJob) error {
	if w.output != jsonFormat {
		return nil
	}
	return printMessage(w.stdout, job)
}

// leave stops waiting for a run that goes on; machines are told of it as it was
// last seen. One in this very process cannot go on: it is cancelled.
func (w *watcher) leave(ctx context.Context, name string, last *aiplatformpb.PipelineJob, why error) error {
	if w.inProcess {
		return w.cancel(ctx, name, why)
	}
	if last = cmp.Or(last, w.submitted); last != nil {
		if err := w.print(last); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w; run %s goes on; to watch it: %s; to cancel it: %s", why, path.Base(name), w.command("watch", name), w.command("cancel", name))
}

func (w *watcher) cancel(ctx context.Context, name string, why error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelGrace)
	defer cancel()
	// It fails where the run has ended meanwhile, which the watch then tells.
	_ = w.session.CancelPipelineJob(ctx, &aiplatformpb.CancelPipelineJobRequest{Name: name})
	job, err := vertex.Watch(ctx, w.session, name, w.options())
	if err != nil {
		return fmt.Errorf("%w; cancelling run %s: %w", why, path.Base(name), err)
	}
	if err := w.print(job); err != nil {
		return err
	}
	return fmt.Errorf("%w; run %s %s", why, path.Base(name), vertex.StateWord(job.GetState()))
}

// command is what to type to do something with a run.
func (w *watcher) command(verb, name string) string {
	text := "authpipe runs " + verb + " " + name
	if w.venue.local != nil {
		text += " --local"
	}
	return text
}
