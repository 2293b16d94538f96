package config

import (
	"time"

	"github.com/authcall/authcall/internal/expression"
	"github.com/authcall/authcall/internal/trigger/event"
	"github.com/authcall/authcall/internal/vertex"
)

// Config is what a receiver does; docs/serve.md describes each field where it is
// used.
type Config struct {
	// URL is the receiver's public address, of which tokens have to speak.
	URL string `yaml:"url"`
	// Project and Location are where the runs are made.
	Project  string `yaml:"project"`
	Location string `yaml:"location"`
	// PipelineRoot and ServiceAccount are those of the routes that name none.
	PipelineRoot   string `yaml:"pipeline_root"`
	ServiceAccount string `yaml:"service_account"`
	// OnBadEvent is that of the routes that name none.
	OnBadEvent OnBadEvent `yaml:"on_bad_event"`
	// Limits bound what the receiver takes on.
	Limits Limits `yaml:"limits"`
	// Routes are the paths that events come in by.
	Routes []*Route `yaml:"routes"`
}

// OnBadEvent is what is done with an event that no retry makes better.
type OnBadEvent string

// What is done with a bad event: an answer that says so, upon which the sender
// tries again or gives up by its own rules, or one that lets the sender forget it.
const (
	Reject OnBadEvent = "reject"
	Drop   OnBadEvent = "drop"
)

// Limits bound what the receiver takes on at once.
type Limits struct {
	// MaxBodyBytes is the size of a request's body, at most 32 MiB.
	MaxBodyBytes int64 `yaml:"max_body_bytes"`
	// MaxConcurrent is how many events are worked on at once.
	MaxConcurrent int `yaml:"max_concurrent"`
	// RequestSeconds is how long one request may take altogether.
	RequestSeconds int `yaml:"request_seconds"`
	// ShutdownSeconds is how long the requests under way may take once the
	// receiver is told to end.
	ShutdownSeconds int `yaml:"shutdown_seconds"`
}

// RequestTime is how long one request may take altogether.
func (l Limits) RequestTime() time.Duration { return time.Duration(l.RequestSeconds) * time.Second }

// ShutdownTime is how long the end of the receiver may take.
func (l Limits) ShutdownTime() time.Duration { return time.Duration(l.ShutdownSeconds) * time.Second }

func defaultLimits() Limits {
	return Limits{MaxBodyBytes: 1 << 20, MaxConcurrent: 80, RequestSeconds: 9, ShutdownSeconds: 8}
}

// Route is a path, who sends events to it, and what each of them starts.
type Route struct {
	// Name tells the route in labels, logs and metrics; empty means the path's
	// words. It is part of what makes a delivery one run.
	Name string `yaml:"name"`
	// Path is the path of its URL.
	Path string `yaml:"path"`
	// From is the kind of sender.
	From event.Sender `yaml:"from"`
	// Audiences are those that tokens may be for; empty means the URL with the
	// path, and the URL alone.
	Audiences []string `yaml:"audiences"`
	// Callers are the emails of those who may send events.
	Callers []string `yaml:"callers"`
	// Pipeline names a built-in pipeline, a file or a URL.
	Pipeline string `yaml:"pipeline"`
	// ServiceAccount is the account that the steps run as.
	ServiceAccount string `yaml:"service_account"`
	// PipelineRoot is the gs:// folder for artifacts.
	PipelineRoot string `yaml:"pipeline_root"`
	// Parameters are jq expressions by the names of the pipeline's parameters.
	Parameters map[string]string `yaml:"parameters"`
	// Labels are put on the runs.
	Labels map[string]string `yaml:"labels"`
	// When is a jq expression; where it is false nothing is done.
	When string `yaml:"when"`
	// ID is a jq expression that names the delivery in place of the sender.
	ID string `yaml:"id"`
	// OnBadEvent is reject or drop.
	OnBadEvent OnBadEvent `yaml:"on_bad_event"`

	// What the checks make of the fields above.

	// PipelineName is the name in the pipeline's spec.
	PipelineName string `yaml:"-"`
	// Template is what its runs have in common.
	Template *vertex.Template `yaml:"-"`
	// Mapping are the compiled Parameters.
	Mapping []Parameter `yaml:"-"`
	// Wanted and Named are the compiled When and ID, empty where those are.
	Wanted, Named expression.Expression `yaml:"-"`
}
