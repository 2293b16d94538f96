package trigger_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/googleapis/gax-go/v2"
	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/trigger"
)

// connections is how many senders there are at once, and round how many deliveries
// each makes before it is the other server's turn.
const (
	connections = 64
	round       = 20
)

// instant is a pipeline service that takes no time, so that the receiver's own is
// measured.
type instant struct{}

func (instant) CreatePipelineJob(_ context.Context, r *aiplatformpb.CreatePipelineJobRequest, _ ...gax.CallOption) (*aiplatformpb.PipelineJob, error) {
	return &aiplatformpb.PipelineJob{Name: r.GetParent() + "/pipelineJobs/" + r.GetPipelineJobId()}, nil
}

func (instant) GetPipelineJob(context.Context, *aiplatformpb.GetPipelineJobRequest, ...gax.CallOption) (*aiplatformpb.PipelineJob, error) {
	return nil, io.ErrUnexpectedEOF // it is never asked
}

func benchWorld(b *testing.B) *world {
	b.Helper()
	return newWorld(b, "limits: {max_concurrent: 64}\n"+plainRoute, func(o *trigger.Options) {
		o.Creator, o.Log = instant{}, zerolog.New(io.Discard)
	})
}

// bare answers what the receiver answers, and does nothing for it.
func bare(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"job":"`+parent+`/pipelineJobs/auth-pipeline-cloudrun-0123456789abcdef0123456789abcdef","state":"submitted"}`+"\n")
}

// contender is one of the servers that are measured, and how long it took.
type contender struct {
	name   string
	url    string
	tokens []string

	mu    sync.Mutex
	times []time.Duration
	spent time.Duration
}

// BenchmarkReceive sends deliveries over 64 connections, in turn to a bare handler, to
// the receiver with a token that it knows from before, and with one that it has never
// seen, and reports the deliveries in a second and the time that 99 of 100 stay below.
// Senders and servers share the machine.
func BenchmarkReceive(b *testing.B) {
	w := benchWorld(b)
	server := httptest.NewServer(w.handler)
	defer server.Close()
	plain := httptest.NewServer(http.HandlerFunc(bare))
	defer plain.Close()
	known := []string{"Bearer " + w.token(caller, receiver+"/events")}
	contenders := []*contender{
		{name: "bare", url: plain.URL, tokens: known},
		{name: "receiver", url: server.URL, tokens: known},
		{name: "new-token", url: server.URL, tokens: manyTokens(b, w)},
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	var n atomic.Int64
	for turn := 0; b.Loop(); turn++ {
		for i := range contenders {
			contenders[(i+turn)%len(contenders)].run(b, client, &n)
		}
	}
	base := contenders[0].rate()
	for _, c := range contenders {
		b.ReportMetric(c.rate(), c.name+"/s")
		b.ReportMetric(float64(c.percentile(99).Microseconds())/1000, c.name+"-p99-ms")
		if c.name != "bare" {
			b.ReportMetric(c.rate()/base, c.name+":bare")
		}
	}
}

// manyTokens are more than a receiver knows again.
func manyTokens(b *testing.B, w *world) []string {
	b.Helper()
	const most = 1200
	tokens := make([]string, most)
	for i := range tokens {
		past := time.Now().Add(-time.Duration(i) * time.Second) // tokens of one second are the same
		tokens[i] = "Bearer " + mint(b, openIssuer(b, func() time.Time { return past }), caller, receiver+"/events")
	}
	return tokens
}

func (c *contender) run(b *testing.B, client *http.Client, n *atomic.Int64) {
	start := time.Now()
	var senders sync.WaitGroup
	for range connections {
		senders.Go(func() {
			times := make([]time.Duration, 0, round)
			for range round {
				took, err := c.send(b.Context(), client, int(n.Add(1)))
				if err != nil {
					b.Error(c.name, err)
					return
				}
				times = append(times, took)
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			c.times = append(c.times, times...)
		})
	}
	senders.Wait()
	c.spent += time.Since(start)
}

func (c *contender) send(ctx context.Context, client *http.Client, n int) (time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/events", strings.NewReader(`{"order": 1}`))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", c.tokens[n%len(c.tokens)])
	request.Header.Set("Idempotency-Key", strconv.Itoa(n))
	start := time.Now()
	got, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	state, err := stateOf(got)
	if err == nil && state != "submitted" {
		err = io.ErrUnexpectedEOF
	}
	return time.Since(start), err
}

func (c *contender) rate() float64 { return float64(len(c.times)) / c.spent.Seconds() }

func (c *contender) percentile(p int) time.Duration {
	slices.Sort(c.times)
	return c.times[len(c.times)*p/100]
}

// BenchmarkMemory makes deliveries without a network and reports the heap after the
// first tenth of them and after all: run it with -benchtime 1000000x.
func BenchmarkMemory(b *testing.B) {
	w := benchWorld(b)
	token := "Bearer " + w.token(caller, receiver+"/events")
	var first uint64
	for i := range b.N {
		r := httptest.NewRequest(http.MethodPost, "/events", strings.NewReader(`{"order": 1}`))
		r.Header.Set("Authorization", token)
		r.Header.Set("Idempotency-Key", strconv.Itoa(i))
		recorder := httptest.NewRecorder()
		w.handler.ServeHTTP(recorder, r)
		if recorder.Code != http.StatusOK {
			b.Fatalf("delivery %d was answered %d: %s", i, recorder.Code, recorder.Body)
		}
		if i == b.N/10 {
			first = heap()
		}
	}
	b.ReportMetric(float64(first)/(1<<20), "MB-after-a-tenth")
	b.ReportMetric(float64(heap())/(1<<20), "MB-after-all")
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
