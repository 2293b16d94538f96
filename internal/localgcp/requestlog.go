package localgcp

import (
	"net/http"
	"time"

	"github.com/rs/zerolog"
)

// logged tells of every request its path, which holds no token, but not its
// query, which may.
func logged(log zerolog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			log.Debug().Str("method", r.Method).Str("path", r.URL.Path).Int("status", seen.status).Dur("ms", time.Since(start)).Msg("request")
		}()
		next.ServeHTTP(seen, r)
	})
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach what the writer below can do.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
