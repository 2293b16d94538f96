package trigger

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/authcall/authcall/internal/expression"
	"github.com/authcall/authcall/internal/trigger/config"
	"github.com/authcall/authcall/internal/trigger/event"
	"github.com/authcall/authcall/internal/vertex"
)

// act does what an event asks for.
func (rc *Receiver) act(ctx context.Context, to *route, e *event.Event, d event.Delivery) outcome {
	input := e.Input(d)
	wanted, err := to.wants(ctx, input)
	if err == nil && !wanted {
		o := done(skipped, "")
		o.status = http.StatusNoContent
		return o
	}
	var run vertex.Run
	if err == nil {
		run, err = to.run(ctx, e, input)
	}
	switch {
	case ctx.Err() != nil:
		return tooLate(ctx)
	case err != nil:
		return bad(to, err)
	}
	return rc.submit(ctx, to, run)
}

// wants says whether anything is to be done.
func (rt *route) wants(ctx context.Context, input any) (bool, error) {
	if rt.Wanted.IsEmpty() {
		return true, nil
	}
	value, err := rt.Wanted.Of(ctx, input)
	if err != nil {
		return false, &config.MappingError{Field: "when", Problem: "its expression failed", Detail: err}
	}
	return expression.Truth(value), nil
}

// run makes a run of an event.
func (rt *route) run(ctx context.Context, e *event.Event, input any) (vertex.Run, error) {
	if err := rt.name(ctx, e, input); err != nil {
		return vertex.Run{}, err
	}
	run := vertex.Run{
		JobID:      vertex.JobIDFor(rt.PipelineName, append([]string{rt.Name}, e.ID...)...),
		Parameters: make(map[string]any, len(rt.Mapping)),
		Labels:     rt.labels(e),
	}
	var faults []error
	for _, p := range rt.Mapping {
		value, given, err := p.Value(ctx, input)
		if given {
			run.Parameters[p.Name] = value
		}
		if err != nil {
			faults = append(faults, err)
		}
	}
	if len(faults) == 1 {
		return run, faults[0]
	}
	return run, errors.Join(faults...)
}

// name gives the delivery the name that the route's expression makes, and wants it
// to have one.
func (rt *route) name(ctx context.Context, e *event.Event, input any) error {
	if rt.Named.IsEmpty() {
		if e.ID == nil {
			return &config.MappingError{Field: "id", Problem: unnamed(rt.From)}
		}
		return nil
	}
	value, err := rt.Named.Of(ctx, input)
	if err != nil {
		return &config.MappingError{Field: "id", Problem: "its expression failed", Detail: err}
	}
	name, err := expression.Text(value)
	if err != nil || name == "" {
		return &config.MappingError{Field: "id", Problem: "its expression gave nothing"}
	}
	e.ID = []string{name}
	return nil
}

// unnamed says what is missing in a delivery that has no name of its own.
func unnamed(from event.Sender) string {
	missing := map[event.Sender]string{
		event.Scheduler: "the headers X-CloudScheduler-JobName and X-CloudScheduler-ScheduleTime are",
		event.Tasks:     "the headers X-CloudTasks-QueueName and X-CloudTasks-TaskName are",
		event.PubSub:    "it has no wrapping of Pub/Sub, and the headers that --push-no-wrapper-write-metadata adds are",
		event.HTTP:      "the header Idempotency-Key is",
	}
	return missing[from] + " missing, so that a second delivery could not be told from another event; the route's id can name it too"
}

// labels tell the route and the delivery to whoever lists the runs.
func (rt *route) labels(e *event.Event) map[string]string {
	all := make(map[string]string, len(rt.Labels)+3)
	for name, value := range rt.Labels {
		all[name] = value
	}
	all[config.RouteLabel], all[config.SenderLabel] = rt.Name, string(rt.From)
	all[config.DeliveryLabel] = labelValue(e.ID[len(e.ID)-1])
	return all
}

const maxLabelValue = 63

// labelValue writes a text as a label may be: it tells people, and decides nothing.
func labelValue(text string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_', r == '-':
			return r
		default:
			return '-'
		}
	}, text)
	return clean[:min(len(clean), maxLabelValue)]
}
