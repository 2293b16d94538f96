package trigger

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// tell writes one line of a delivery. It holds no token and nothing of the body.
func (rc *Receiver) tell(r *http.Request, to *route, o outcome, took time.Duration) {
	line := rc.log.WithLevel(o.level)
	if line == nil {
		return
	}
	line.Str("route", to.Name).Str("sender", string(to.From)).Str("outcome", o.name).Int("status", o.status)
	optional(line, "delivery", o.delivery)
	optional(line, "job", o.job)
	if o.attempt > 0 {
		line.Int("attempt", o.attempt)
	}
	if o.err != nil {
		line.Str("error", strings.ReplaceAll(o.err.Error(), "\n", "; "))
	}
	rc.trace(line, r.Header)
	line.Dur("milliseconds", took).Msg("delivery " + strings.ReplaceAll(o.name, "_", " "))
}

func optional(line *zerolog.Event, name, value string) {
	if value != "" {
		line.Str(name, value)
	}
}

// Google's own header and that of the W3C, of the trace that a request belongs to.
var (
	cloudTrace  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([0-9a-f]{32})(?:/(\d{1,20}))?(?:;o=\d)?$`) })
	traceParent = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-`) })
)

// trace puts the line among those of its trace, in Cloud Logging.
func (rc *Receiver) trace(line *zerolog.Event, h http.Header) {
	found := cloudTrace().FindStringSubmatch(h.Get("X-Cloud-Trace-Context"))
	if found == nil {
		found = traceParent().FindStringSubmatch(h.Get("Traceparent"))
	}
	if found == nil {
		return
	}
	line.Str("logging.googleapis.com/trace", "projects/"+rc.config.Project+"/traces/"+found[1])
	optional(line, "logging.googleapis.com/spanId", found[2])
}
