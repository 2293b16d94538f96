package trigger_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/internal/trigger"
)

// counted says whether the metrics have a line with the text.
func (w *world) counted(line string, want bool) {
	w.t.Helper()
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if got := strings.Contains(recorder.Body.String(), line); got != want {
		w.t.Errorf("the metrics have the line %q: %v, want %v", line, got, want)
	}
}

// Many deliveries of one event at the same time are one run and one call.
func TestDuplicatesAtTheSameTime(t *testing.T) {
	t.Parallel()
	const senders = 32
	w := newWorld(t, plainRoute)
	var arrived sync.WaitGroup
	arrived.Add(senders)
	w.service.before = func(int) error { arrived.Wait(); return nil } // until all are under way
	answers := make([]answer, senders)
	var all sync.WaitGroup
	for i := range senders {
		all.Go(func() {
			r := w.http(keyed("same", ""))
			r.Body = &announced{r.Body, arrived.Done}
			recorder := httptest.NewRecorder()
			w.handler.ServeHTTP(recorder, r)
			answers[i] = read(t, recorder.Code, recorder.Header(), recorder.Body.String())
		})
	}
	all.Wait()
	states := map[string]int{}
	for _, a := range answers {
		states[a.State]++
	}
	if states["submitted"] != 1 || states["exists"] != senders-1 {
		t.Errorf("states = %v, want one submitted", states)
	}
	if jobs := w.service.jobs(t); len(jobs) != 1 {
		t.Errorf("there are %d runs, want one", len(jobs))
	}
	if w.service.creates >= senders {
		t.Errorf("the service was called %d times for %d deliveries, want them to share calls", w.service.creates, senders)
	}
}

// announced is a body that tells when it has been read.
type announced struct {
	body interface {
		Read(p []byte) (int, error)
		Close() error
	}
	done func()
}

func (a *announced) Read(p []byte) (int, error) {
	n, err := a.body.Read(p)
	if err != nil && a.done != nil {
		a.done()
		a.done = nil
	}
	return n, err
}

func (a *announced) Close() error { return a.body.Close() }

// A sender that hangs up does not undo what it has begun, for others may wait for it.
func TestASenderThatHangsUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRoute)
	called, goOn := make(chan struct{}), make(chan struct{})
	w.service.before = func(n int) error {
		if n > 1 {
			return nil
		}
		close(called)
		<-goOn
		return status.Error(codes.Unavailable, "once more, although nobody waits")
	}
	ctx, hangUp := context.WithCancel(t.Context())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		w.handler.ServeHTTP(httptest.NewRecorder(), w.http(keyed("k", "")).WithContext(ctx))
	}()
	<-called
	hangUp()
	<-gone
	close(goOn)
	// A second delivery either joins the call or finds its run.
	if got := w.send(keyed("k", "")); got.State != "exists" || len(w.service.jobs(t)) != 1 {
		t.Errorf("delivered again: %s; there are %d runs", got.text, len(w.service.jobs(t)))
	}
}

// What goes beyond the limit of deliveries at once is told to come again.
func TestMoreDeliveriesThanTheLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "limits: {max_concurrent: 1}\n"+plainRoute)
	called, goOn := make(chan struct{}), make(chan struct{})
	w.service.before = func(n int) error {
		if n == 1 {
			close(called)
			<-goOn
		}
		return nil
	}
	first := make(chan answer)
	go func() { first <- w.send(keyed("first", "")) }()
	<-called
	got := w.send(keyed("second", ""))
	if got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") != "1" {
		t.Errorf("got %d, Retry-After %q: %s", got.status, got.header.Get("Retry-After"), got.text)
	}
	w.counted("authpipe_deliveries_in_flight 1", true)
	// A stranger takes no place, and gets none.
	stranger := keyed("third", "")
	stranger.token = "none"
	if got := w.send(stranger); got.status != http.StatusUnauthorized {
		t.Errorf("without a token: %d", got.status)
	}
	close(goOn)
	if got := <-first; got.State != "submitted" {
		t.Errorf("the first: %s", got.text)
	}
	if got := w.send(keyed("second", "")); got.State != "submitted" {
		t.Errorf("the second, again: %s", got.text)
	}
	w.counted("authpipe_deliveries_in_flight 0", true)
	w.counted(`outcome="busy"`, true)
}

// A pipeline service that hangs costs a delivery no more than the time it may take.
func TestADeliveryHasItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRoute, func(o *trigger.Options) { o.Config.Limits.RequestSeconds = 1 })
	done := make(chan struct{})
	t.Cleanup(func() { close(done) })
	w.service.before = func(int) error { <-done; return nil }
	got := w.send(keyed("k", ""))
	if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") != "5" {
		t.Errorf("got %d: %s", got.status, got.text)
	}
	w.counted(`outcome="unavailable"`, true)
}
