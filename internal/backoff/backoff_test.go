package backoff

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	cases := []struct {
		name, value string
		want        time.Duration
		given       bool
	}{
		{name: "absent"},
		{name: "seconds", value: "7", want: 7 * time.Second, given: true},
		{name: "zero", value: "0", given: true},
		{name: "date ahead", value: now.Add(90 * time.Second).Format(http.TimeFormat), want: 90 * time.Second, given: true},
		{name: "date past", value: now.Add(-time.Hour).Format(http.TimeFormat), given: true},
		{name: "negative seconds", value: "-1"},
		{name: "nonsense", value: "soon"},
		{name: "more than there is time for", value: "99999999999999999999", want: (1<<31 - 1) * time.Second, given: true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, ok := RetryAfter(http.Header{"Retry-After": {c.value}}, now)
			if got != c.want || ok != c.given {
				t.Errorf("RetryAfter(%q) = %v, %v; want %v, %v", c.value, got, ok, c.want, c.given)
			}
		})
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "1", "Fri, 02 Jan 2026 03:04:05 GMT", "1e9", "-0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if d, _ := RetryAfter(http.Header{"Retry-After": {value}}, time.Now()); d < 0 {
			t.Errorf("RetryAfter(%q) = %v, want no negative wait", value, d)
		}
	})
}

func TestDelayStaysUnderTheDoublingCap(t *testing.T) {
	t.Parallel()
	p := Policy{Base: time.Second, Max: 5 * time.Second}
	for n, limit := range map[int]time.Duration{1: 1, 2: 2, 3: 4, 4: 5, 60: 5} {
		for range 200 {
			if d := p.Delay(n, nil); d < 0 || d >= limit*time.Second {
				t.Fatalf("Delay(%d) = %v, want within [0, %v)", n, d, limit*time.Second)
			}
		}
	}
	if d := p.Delay(1, http.Header{"Retry-After": {"3600"}}); d != time.Hour {
		t.Errorf("Delay with Retry-After of an hour = %v, want the hour", d)
	}
	if d := (Policy{}).Delay(3, nil); d != 0 {
		t.Errorf("zero policy: Delay = %v, want 0", d)
	}
}

func TestWaitKeepsToTheTimeBudget(t *testing.T) {
	t.Parallel()
	slept := 0
	p := Policy{Sleep: func(context.Context, time.Duration) error { slept++; return nil }}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if !p.Wait(ctx, time.Second) || slept != 1 {
		t.Errorf("a wait within the budget: slept %d times, want 1", slept)
	}
	if p.Wait(ctx, time.Hour) || slept != 1 {
		t.Errorf("a wait over the budget: slept %d times, want it refused", slept)
	}
}

func TestSleepEndsWithItsContext(t *testing.T) {
	t.Parallel()
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if err := Sleep(ctx, time.Hour); !errors.Is(err, cause) {
		t.Errorf("Sleep = %v, want %v", err, cause)
	}
}
