package dispatch_test

import (
	"testing"
	"time"

	"github.com/authcall/authcall/internal/localgcp/tasks/dispatch"
)

// The row of intervals is the example of the API's reference.
func TestBackoff(t *testing.T) {
	t.Parallel()
	documented := dispatch.Retry{MinBackoff: 10 * time.Second, MaxBackoff: 300 * time.Second, Doublings: 3}
	defaults := dispatch.Retry{MinBackoff: 100 * time.Millisecond, MaxBackoff: time.Hour, Doublings: 16}
	tests := []struct {
		name   string
		retry  dispatch.Retry
		failed int
		want   time.Duration
	}{
		{"documented, first", documented, 1, 10 * time.Second},
		{"documented, second", documented, 2, 20 * time.Second},
		{"documented, third", documented, 3, 40 * time.Second},
		{"documented, last doubling", documented, 4, 80 * time.Second},
		{"documented, evenly", documented, 5, 160 * time.Second},
		{"documented, evenly again", documented, 6, 240 * time.Second},
		{"documented, longest", documented, 7, 300 * time.Second},
		{"documented, longest again", documented, 8, 300 * time.Second},
		{"defaults, first", defaults, 1, 100 * time.Millisecond},
		{"defaults, longest", defaults, 100, time.Hour},
		{"no number is too high", defaults, 1 << 40, time.Hour},
		{"many doublings", dispatch.Retry{MinBackoff: time.Second, MaxBackoff: time.Hour, Doublings: 1 << 20}, 1 << 20, time.Hour},
		{"no doubling", dispatch.Retry{MinBackoff: time.Second, MaxBackoff: time.Hour}, 3, 3 * time.Second},
		{"nothing failed", documented, 0, 10 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.retry.Backoff(tt.failed); got != tt.want {
				t.Errorf("got %v after %d failures, want %v", got, tt.failed, tt.want)
			}
		})
	}
}

func TestExhausted(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		retry      dispatch.Retry
		attempts   int
		sinceFirst time.Duration
		want       bool
	}{
		{"attempts left", dispatch.Retry{Attempts: 3}, 2, time.Hour, false},
		{"attempts used", dispatch.Retry{Attempts: 3}, 3, 0, true},
		{"time left", dispatch.Retry{Attempts: dispatch.Unlimited, Duration: time.Minute}, 99, 59 * time.Second, false},
		{"time used", dispatch.Retry{Attempts: dispatch.Unlimited, Duration: time.Minute}, 1, time.Minute, true},
		{"attempts used, time left", dispatch.Retry{Attempts: 3, Duration: time.Minute}, 5, time.Second, false},
		{"attempts left, time used", dispatch.Retry{Attempts: 3, Duration: time.Minute}, 2, time.Hour, false},
		{"both used", dispatch.Retry{Attempts: 3, Duration: time.Minute}, 3, time.Hour, true},
		{"no limit", dispatch.Retry{Attempts: dispatch.Unlimited}, 1 << 30, 1000 * time.Hour, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.retry.Exhausted(tt.attempts, tt.sinceFirst); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
