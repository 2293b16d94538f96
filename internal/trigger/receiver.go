package trigger

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/singleflight"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/trigger/config"
	"github.com/authcall/authcall/internal/vertex"
)

// Options are what a Receiver is made of.
type Options struct {
	// Config says which events there are, and what each starts.
	Config *config.Config
	// Creator makes the runs.
	Creator vertex.Creator
	// Tokens says where the keys are that sign tokens, and what time it is; of its
	// fields KeysURL, Keys, HTTPClient, Leeway and Now count.
	Tokens gate.Policy
	// Log is told of each delivery.
	Log zerolog.Logger
	// Explain adds to a failure of the pipeline service, for the log, as whom it
	// was called and what mends it; nil adds nothing.
	Explain func(context.Context, error) error
	// Ready are what has to be so, beside the keys, before deliveries are welcome.
	Ready []func(context.Context) error
}

// Receiver is the HTTP service that events are sent to.
type Receiver struct {
	config  *config.Config
	creator vertex.Creator
	log     zerolog.Logger
	explain func(context.Context, error) error
	ready   []func(context.Context) error

	keys    *gate.Gate
	routes  map[string]*route
	metrics *metrics
	slots   chan struct{} // one for each delivery that is worked on
	work    tracker
	flights singleflight.Group
}

// route is a configured route and who is let in by it.
type route struct {
	*config.Route
	gate *gate.Gate
}

// New makes a receiver of a configuration that has been checked. It fetches nothing;
// the keys are fetched with the values of ctx.
func New(ctx context.Context, o Options) (*Receiver, error) {
	rc := &Receiver{
		config:  o.Config,
		creator: o.Creator,
		log:     o.Log,
		explain: o.Explain,
		ready:   o.Ready,
		routes:  make(map[string]*route, len(o.Config.Routes)),
		metrics: newMetrics(),
		slots:   make(chan struct{}, o.Config.Limits.MaxConcurrent),
	}
	if rc.explain == nil {
		rc.explain = func(_ context.Context, err error) error { return err }
	}
	for _, r := range o.Config.Routes {
		if err := rc.add(ctx, r, o.Tokens); err != nil {
			return nil, fmt.Errorf("route %s: %w", r.Name, err)
		}
	}
	return rc, nil
}

// add makes the gate of a route; all gates share the keys of the first.
func (rc *Receiver) add(ctx context.Context, r *config.Route, tokens gate.Policy) error {
	if len(r.Callers) == 0 {
		return errors.New("no callers: every account would be let in")
	}
	policy := tokens
	policy.Audiences, policy.Emails = r.Audiences, r.Callers
	if rc.keys == nil {
		first, err := gate.New(ctx, policy)
		if err != nil {
			return err
		}
		rc.keys = first
	}
	own, err := rc.keys.Derive(policy)
	rc.routes[r.Path] = &route{Route: r, gate: own}
	return err
}

// Handler serves the routes, health and readiness, and the metrics unless these
// have a listener of their own.
func (rc *Receiver) Handler(withMetrics bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+config.HealthPath, func(w http.ResponseWriter, _ *http.Request) { answerText(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET "+config.ReadyPath, rc.serveReady)
	if withMetrics {
		mux.Handle("GET "+config.MetricsPath, rc.Metrics())
	}
	mux.HandleFunc("/", rc.serveRoute)
	return mux
}

// Metrics serves what is counted, in the format of Prometheus.
func (rc *Receiver) Metrics() http.Handler { return rc.metrics.handler() }

func (rc *Receiver) serveRoute(w http.ResponseWriter, r *http.Request) {
	to, ok := rc.routes[r.URL.Path]
	if !ok {
		rc.metrics.unknown.Inc()
		answerError(w, http.StatusNotFound, "no route has this path")
		return
	}
	start := time.Now()
	rc.metrics.inFlight.Inc()
	defer rc.metrics.inFlight.Dec()
	got := later(goingDown, http.StatusServiceUnavailable, soon, "the receiver is going down")
	if rc.work.begin() {
		defer rc.work.end()
		got = rc.receive(w, r, to)
	}
	got.write(w)
	rc.metrics.count(to, got)
	rc.tell(r, to, got, time.Since(start))
}

// serveReady says whether deliveries are welcome.
func (rc *Receiver) serveReady(w http.ResponseWriter, r *http.Request) {
	if rc.work.isDraining() {
		answerText(w, http.StatusServiceUnavailable, "going down")
		return
	}
	if err := rc.Ready(r.Context()); err != nil {
		rc.log.Warn().Err(err).Msg("not ready")
		answerText(w, http.StatusServiceUnavailable, "not ready: the log tells why")
		return
	}
	answerText(w, http.StatusOK, "ready")
}

// Ready is nil once the keys that sign tokens are there, and all else that has to
// be.
func (rc *Receiver) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, rc.config.Limits.RequestTime())
	defer cancel()
	faults := []error{rc.keys.Ready(ctx)}
	for _, check := range rc.ready {
		faults = append(faults, check(ctx))
	}
	return errors.Join(faults...)
}
