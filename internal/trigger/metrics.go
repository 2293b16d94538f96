package trigger

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what is counted. Labels hold what the configuration names, never what
// a request does.
type metrics struct {
	registry      *prometheus.Registry
	deliveries    *prometheus.CounterVec
	refusals      *prometheus.CounterVec
	submitSeconds *prometheus.HistogramVec
	inFlight      prometheus.Gauge
	unknown       prometheus.Counter
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "authpipe_deliveries_total", Help: "Deliveries by what became of them.",
		}, []string{"route", "sender", "outcome"}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "authpipe_token_refusals_total", Help: "Deliveries whose token was refused, by the reason.",
		}, []string{"route", "reason"}),
		submitSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "authpipe_submit_seconds", Help: "How long the pipeline service took, retries included.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "authpipe_deliveries_in_flight", Help: "Deliveries that are being worked on.",
		}),
		unknown: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "authpipe_unknown_path_total", Help: "Requests for a path that no route has.",
		}),
	}
	m.registry.MustRegister(m.deliveries, m.refusals, m.submitSeconds, m.inFlight, m.unknown,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *metrics) count(to *route, o outcome) {
	m.deliveries.WithLabelValues(to.Name, string(to.From), o.name).Inc()
	if o.refusal != "" {
		m.refusals.WithLabelValues(to.Name, string(o.refusal)).Inc()
	}
}
