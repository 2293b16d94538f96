package trigger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/trigger/config"
	"github.com/authcall/authcall/internal/trigger/event"
)

// How long senders are asked to wait.
const (
	soon    = time.Second      // until another delivery has ended
	shortly = 5 * time.Second  // until a service answers again
	minute  = 60 * time.Second // until somebody has mended something
)

// receive does all that one delivery asks for. The token comes before all else, the
// body included, so that a stranger costs no more than that.
func (rc *Receiver) receive(w http.ResponseWriter, r *http.Request, to *route) outcome {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return failed(badMethod, http.StatusMethodNotAllowed, "events are sent by POST")
	}
	ctx, cancel := context.WithTimeout(r.Context(), rc.config.Limits.RequestTime())
	defer cancel()
	claims, err := to.gate.VerifyHeader(ctx, r.Header)
	if err != nil {
		return refusal(err, r.Header)
	}
	select {
	case rc.slots <- struct{}{}:
		defer func() { <-rc.slots }()
	default:
		return later(busy, http.StatusTooManyRequests, soon, "as many events as the receiver takes on at once are under way")
	}
	body, err := rc.readBody(w, r)
	if err != nil {
		return bad(to, err)
	}
	e, err := event.Read(to.From, r.Header, body)
	if err != nil {
		return bad(to, err)
	}
	got := rc.act(ctx, to, e, event.Delivery{
		Route: to.Name, Sender: to.From, Caller: claims.Email, Query: r.URL.Query(), Header: r.Header,
	})
	got.delivery, got.attempt = strings.Join(e.ID, "/"), e.Attempt
	return got
}

// refusal answers a token that is not let in.
func refusal(err error, header http.Header) outcome {
	reason := gate.Malformed
	if e, ok := errors.AsType[*gate.Error](err); ok {
		reason = e.Reason
	}
	message := "token refused: " + string(reason)
	o := failed(refused, reason.Status(), message)
	if reason == gate.KeysUnavailable {
		o = later(unavailable, reason.Status(), shortly, message)
	}
	o.refusal, o.err = reason, err
	if strings.HasSuffix(header.Get("Authorization"), ".SIGNATURE_REMOVED_BY_GOOGLE") {
		o.err = fmt.Errorf("%w; Cloud Run has checked the token and taken its signature away; to fix: gcloud run services update SERVICE --no-invoker-iam-check", err)
	}
	return o
}

// readBody reads the body within its limits.
func (rc *Receiver) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, &event.Error{Status: http.StatusUnsupportedMediaType, Problem: "the body has a content encoding, want none"}
	}
	limit := rc.config.Limits.MaxBodyBytes
	tooLarge := &event.Error{
		Status:  http.StatusRequestEntityTooLarge,
		Problem: fmt.Sprintf("the body has more than %d bytes, the limit max_body_bytes", limit),
	}
	if r.ContentLength > limit {
		return nil, tooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err == nil {
		return body, nil
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, tooLarge
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return nil, &event.Error{Status: http.StatusRequestTimeout, Problem: "the body did not come in time"}
	}
	return nil, &event.Error{Status: http.StatusBadRequest, Problem: "the body was cut short"}
}

// bad answers an event that no retry makes better, as the route says; but a body
// that did not come is the fault of the way.
func bad(to *route, err error) outcome {
	status, message := http.StatusBadRequest, err.Error()
	if e, ok := errors.AsType[*event.Error](err); ok {
		status = e.Status
	}
	if e, ok := errors.AsType[*config.MappingError](err); ok && e.Detail != nil {
		message += ": " + e.Detail.Error()
	}
	o := failed(badEvent, status, message)
	if to.OnBadEvent == config.Drop && status != http.StatusRequestTimeout {
		o = done(dropped, "")
		o.message, o.level = message, zerolog.ErrorLevel
	}
	o.err = err
	return o
}
