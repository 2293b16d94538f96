package trigger_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/internal/vertex"
)

// The soak: so many events, each delivered several times at once by senders that try
// until they are answered with success, while the pipeline service fails.
const (
	soakCopies  = 3
	soakSenders = 64
	soakTries   = 200
	faultsIn    = 100 // one attempt of so many fails
	outagesIn   = 100 // one event of so many meets an outage
	outageOf    = 6   // attempts, which are more than the receiver makes by itself
)

var soakEvents = flag.Int("soak", 400, "events of the soak test")

// faults fails one attempt in a hundred, before the job is made or after, and for one
// event in a hundred every attempt for a while.
type faults struct {
	before, after, outages atomic.Int64

	mu    sync.Mutex
	tries map[string]int
}

func (f *faults) install(s *service) {
	lost := status.Error(codes.Unavailable, "connection lost")
	s.before = every(&f.before, 0, lost)
	s.after = every(&f.after, faultsIn, lost)
	s.down = func(id string) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		if !unlucky(id) || f.tries[id] >= outageOf {
			return nil
		}
		f.tries[id]++
		f.outages.Add(1)
		return lost
	}
}

// every fails the attempts whose numbers are rest after a division by twice the rarity,
// for half of the faults come before the job is made and half after. It counts for
// itself those that come so far: of these there are as many as events.
func every(count *atomic.Int64, rest int64, err error) func(int) error {
	var come atomic.Int64
	return func(int) error {
		if come.Add(1)%(2*faultsIn) != rest {
			return nil
		}
		count.Add(1)
		return err
	}
}

// unlucky picks one id in so many, the same each time.
func unlucky(id string) bool {
	n, err := strconv.ParseUint(id[len(id)-4:], 16, 32)
	return err == nil && n%outagesIn == 0
}

func TestEveryEventBecomesOneRunWhateverFails(t *testing.T) {
	t.Parallel()
	events := *soakEvents
	w := newWorld(t, "limits: {max_concurrent: 64}\n"+plainRoute)
	f := &faults{tries: map[string]int{}}
	f.install(w.service)
	server := httptest.NewServer(w.handler)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: soakSenders}}
	defer client.CloseIdleConnections()
	token := "Bearer " + w.token(caller, receiver+"/events")

	deliveries := make([]int, 0, events*soakCopies)
	for i := range events {
		for range soakCopies {
			deliveries = append(deliveries, i)
		}
	}
	// Copies of one event are near each other, so that they meet.
	for i := 0; i+soakSenders <= len(deliveries); i += soakSenders {
		part := deliveries[i : i+soakSenders]
		rand.Shuffle(len(part), func(a, b int) { part[a], part[b] = part[b], part[a] })
	}
	var next, again, submitted atomic.Int64
	var senders sync.WaitGroup
	for range soakSenders {
		senders.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(deliveries) {
					return
				}
				tries, state, err := deliver(t.Context(), client, server.URL+"/events", token, deliveries[i])
				if err != nil {
					t.Error(err)
					return
				}
				again.Add(int64(tries - 1))
				if state == "submitted" {
					submitted.Add(1)
				}
			}
		})
	}
	senders.Wait()

	w.service.mu.Lock()
	made := w.service.made
	w.service.mu.Unlock()
	for i := range events {
		if n := made[vertex.JobIDFor("auth-pipeline-cloudrun", "events", strconv.Itoa(i))]; n != 1 {
			t.Errorf("event %d has %d runs, want one", i, n)
		}
	}
	if len(made) != events {
		t.Errorf("%d events became %d runs", events, len(made))
	}
	if f.before.Load() == 0 || f.after.Load() == 0 || f.outages.Load() == 0 || again.Load() == 0 {
		t.Errorf("the soak was none: %d faults before, %d after, %d in outages, %d further tries", f.before.Load(), f.after.Load(), f.outages.Load(), again.Load())
	}
	t.Logf("%d events in %d deliveries: %d runs; %d faults before the job was made, %d after, %d in outages; %d further tries; %d answered submitted",
		events, len(deliveries), len(made), f.before.Load(), f.after.Load(), f.outages.Load(), again.Load(), submitted.Load())
}

// deliver sends an event until it is answered with success, as senders do, but without
// their waits.
func deliver(ctx context.Context, client *http.Client, url, token string, event int) (tries int, state string, err error) {
	for tries = 1; tries <= soakTries; tries++ {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(`{"n": 1}`))
		if err != nil {
			return tries, "", err
		}
		request.Header.Set("Authorization", token)
		request.Header.Set("Idempotency-Key", strconv.Itoa(event))
		got, err := client.Do(request)
		if err != nil {
			return tries, "", err
		}
		state, err := stateOf(got)
		if err != nil || got.StatusCode == http.StatusOK {
			return tries, state, err
		}
		if got.StatusCode != http.StatusServiceUnavailable {
			return tries, state, fmt.Errorf("event %d was answered %s", event, got.Status)
		}
	}
	return tries, "", fmt.Errorf("event %d: no success in %d tries", event, soakTries)
}
