package localgcp

import (
	"errors"
	"net/http"
	"time"

	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/clock"
)

// clock is that of this Google.
func (c *Config) clock() *clock.Clock {
	return clock.New(time.Duration(c.ClockOffsetSeconds) * time.Second)
}

// dated tells the time of a clock that is not the machine's.
func dated(now func() time.Time, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", now().UTC().Format(http.TimeFormat))
		next.ServeHTTP(w, r)
	})
}

// Advance moves the clock of this Google forward. The access token that is kept
// for other clients is good afterwards, too.
func (s *Server) Advance(d time.Duration) error {
	submitter, err := s.principal(s.config.Submitter)
	if err != nil {
		return err
	}
	s.clock.Advance(d)
	return s.writeAccessToken(submitter)
}

// maxAdvance keeps the clock in years that tokens and certificates can tell.
const maxAdvance = 10 * 365 * 24 * time.Hour

// advance answers POST /local/clock:advance, which is ours and no API of
// Google's: it wants no credentials, as the clock is that of a test.
func (s *Server) advance(w http.ResponseWriter, r *http.Request) {
	now, err := s.advanceBy(r)
	if err == nil {
		apierror.WriteJSON(w, http.StatusOK, map[string]string{"time": now.UTC().Format(time.RFC3339Nano)})
		return
	}
	told, ok := errors.AsType[*apierror.Error](err)
	if !ok {
		told = &apierror.Error{Code: http.StatusInternalServerError, Message: err.Error()}
	}
	told.Write(w)
}

func (s *Server) advanceBy(r *http.Request) (time.Time, error) {
	var request struct {
		Seconds float64 `json:"seconds"`
	}
	if err := apifront.Decode(r, &request); err != nil {
		return time.Time{}, err
	}
	if request.Seconds <= 0 || request.Seconds > maxAdvance.Seconds() {
		return time.Time{}, apierror.InvalidArgument("Invalid value at 'seconds': got %v, want more than 0 and at most %.0f.", request.Seconds, maxAdvance.Seconds())
	}
	if err := s.Advance(time.Duration(request.Seconds * float64(time.Second))); err != nil {
		return time.Time{}, err
	}
	return s.clock.Now(), nil
}
