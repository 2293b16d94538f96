package call

import (
	"net/http"
	"time"

	"github.com/rs/zerolog"
)

// logTransport is the innermost layer: a debug line for each request on the
// wire. It names no header and no query, for both may hold secrets.
type logTransport struct {
	log  zerolog.Logger
	next http.RoundTripper
}

func (t *logTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	start := time.Now()
	answer, err := t.next.RoundTrip(r)
	if err != nil {
		t.log.Debug().Err(err).Msgf("%s %s failed after %v", r.Method, Bare(r.URL), time.Since(start).Round(time.Microsecond))
		return nil, err
	}
	t.log.Debug().Msgf("%s %s: %s after %v", r.Method, Bare(r.URL), answer.Status, time.Since(start).Round(time.Microsecond))
	return answer, nil
}
