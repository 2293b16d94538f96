package filter_test

import (
	"strings"
	"testing"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"google.golang.org/protobuf/encoding/prototext"

	"github.com/authcall/authcall/internal/localgcp/tasks/filter"
)

func queue(t testing.TB) *cloudtaskspb.Queue {
	t.Helper()
	q := &cloudtaskspb.Queue{}
	if err := prototext.Unmarshal([]byte(`
		name: "projects/p/locations/l/queues/My-queue" state: PAUSED
		rate_limits {max_dispatches_per_second: 2.5 max_concurrent_dispatches: 7}
		retry_config {max_attempts: -1 min_backoff {seconds: 90}}
		purge_time {seconds: 1700000000}`), q); err != nil {
		t.Fatal(err)
	}
	return q
}

func TestFilter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want bool
	}{
		{"", true},
		{"  ", true},
		{"state: PAUSED", true},
		{"state=PAUSED", true},
		{"state=RUNNING", false},
		{"state != RUNNING", true},
		{`name = "projects/p/locations/l/queues/My-queue"`, true},
		{"name:my-QUEUE", true},
		{"name:other", false},
		{"rateLimits.maxDispatchesPerSecond = 2.5", true},
		{"rate_limits.max_dispatches_per_second < 2.5", false},
		{"rate_limits.max_dispatches_per_second <= 2.5", true},
		{"rateLimits.maxConcurrentDispatches > 6", true},
		{"rateLimits.maxConcurrentDispatches >= 8", false},
		{"retryConfig.maxAttempts = -1", true},
		{"retryConfig.minBackoff = 90s", true},
		{"retryConfig.minBackoff > 1m", true},
		{"retryConfig.minBackoff > soon", false},
		{"retryConfig.maxBackoff = 90s", false},
		{"purgeTime > 2020-01-01T00:00:00Z", true},
		{`purgeTime < "2020-01-01T00:00:00Z"`, false},
		{"state = PAUSED AND name:my AND retryConfig.maxAttempts < 0", true},
		{"state = PAUSED AND name:other", false},
		{"nothing = 1", false},
		{"nothing != 1", true},
		{"name.below = 1", false},
		{"rateLimits = 1", false},
		{`name: "a \"quoted\" \\ AND b"`, false},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			matches, err := filter.Parse(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := matches(queue(t)); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"state", "state PAUSED", "state = ", "= 1", "a = 1 OR b = 2", "NOT a = 1", "(a = 1)", "a = 1 AND ", `a = "1`, "a = 1 b = 2"} {
		if _, err := filter.Parse(text); err == nil || !strings.Contains(err.Error(), "AND") {
			t.Errorf("%q: got %v, want an error that says what is understood", text, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`state: PAUSED AND name != "x"`)
	f.Add(`purge_time >= 2020-01-01T00:00:00Z`)
	f.Add(`a.b.c="\"`)
	q := queue(f)
	f.Fuzz(func(t *testing.T, text string) {
		matches, err := filter.Parse(text)
		if err != nil {
			return
		}
		if strings.TrimSpace(text) == "" {
			return
		}
		both, err := filter.Parse(text + " AND state = PAUSED")
		if err != nil || both(q) != matches(q) {
			t.Errorf("%q: %v, or it is not the same with what is so", text, err)
		}
	})
}
