package trigger

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/gate"
)

// outcome is what became of one request, and how it is answered.
type outcome struct {
	// name is what the metrics and the log call it.
	name string
	// status is that of the answer.
	status int
	// message tells the sender what is wrong; empty for what went well.
	message string
	// err is for the log; nil means that there is no more to say than message.
	err error
	// retryAfter is how long the sender is to wait; 0 does not say.
	retryAfter time.Duration
	// level is that of the line in the log.
	level zerolog.Level
	// refusal is why the token was refused; empty where it was not.
	refusal gate.Reason
	// job is the run's resource name.
	job string
	// delivery is the delivery's id, and attempt the number of the try.
	delivery string
	attempt  int
}

// Names of outcomes.
const (
	submitted = "submitted"
	exists    = "exists"
	skipped   = "skipped"
	dropped   = "dropped"

	refused     = "refused"
	badMethod   = "bad_method"
	badEvent    = "bad_event"
	busy        = "busy"
	goingDown   = "going_down"
	rejected    = "rejected"
	permission  = "permission"
	credentials = "credentials"
	notFound    = "not_found"
	quota       = "quota"
	unavailable = "unavailable"
	internal    = "internal"
)

// done is a delivery that needs no other try.
func done(name, job string) outcome {
	return outcome{name: name, status: http.StatusOK, job: job, level: zerolog.InfoLevel}
}

// failed is one that did not do what it was to.
func failed(name string, status int, message string) outcome {
	return outcome{name: name, status: status, message: message, level: zerolog.WarnLevel}
}

// later is one that the sender should try again.
func later(name string, status int, wait time.Duration, message string) outcome {
	o := failed(name, status, message)
	o.retryAfter = wait
	return o
}

// because adds what the log is told.
func (o outcome) because(err error) outcome {
	o.err = err
	return o
}

// write answers the request.
func (o outcome) write(w http.ResponseWriter) {
	if o.refusal != "" {
		w.Header().Set("WWW-Authenticate", o.refusal.Challenge())
	}
	if o.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(o.retryAfter.Seconds())))
	}
	switch {
	case o.status == http.StatusNoContent:
		w.WriteHeader(o.status)
	case o.message != "" && o.status >= http.StatusBadRequest:
		answerError(w, o.status, o.message)
	default:
		answerJSON(w, o.status, struct {
			Job    string `json:"job,omitempty"`
			State  string `json:"state"`
			Reason string `json:"reason,omitempty"`
		}{o.job, o.name, o.message})
	}
}

func answerError(w http.ResponseWriter, status int, message string) {
	type fault struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	answerJSON(w, status, struct {
		Error fault `json:"error"`
	}{fault{status, message}})
}

func answerJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // a sender that has gone gets no answer
}

func answerText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // the same
}
