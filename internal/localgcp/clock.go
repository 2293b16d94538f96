package localgcp

import (
	"net/http"
	"time"
)

// now is the clock of this Google, nil where it is the machine's own.
func (c *Config) now() func() time.Time {
	if c.ClockOffsetSeconds == 0 {
		return nil
	}
	offset := time.Duration(c.ClockOffsetSeconds) * time.Second
	return func() time.Time { return time.Now().Add(offset) }
}

// dated tells the time of a clock that is not the machine's.
func dated(now func() time.Time, next http.Handler) http.Handler {
	if now == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", now().UTC().Format(http.TimeFormat))
		next.ServeHTTP(w, r)
	})
}
