package resource_test

import (
	"testing"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/authcall/authcall/internal/localgcp/tasks/dispatch"
	"github.com/authcall/authcall/internal/localgcp/tasks/resource"
)

// parse reads a message as text.
func parse[M proto.Message](t *testing.T, into M, text string) M {
	t.Helper()
	if err := prototext.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
	return into
}

func TestDefaultsOfAQueue(t *testing.T) {
	t.Parallel()
	q := &cloudtaskspb.Queue{}
	if err := resource.CompleteQueue(q); err != nil {
		t.Fatal(err)
	}
	wantLimits := dispatch.Limits{Rate: 500, Burst: 100, Concurrent: 1000}
	if got := resource.Limits(q); got != wantLimits {
		t.Errorf("got %+v, want %+v", got, wantLimits)
	}
	wantRetry := dispatch.Retry{Attempts: 100, MinBackoff: 100 * time.Millisecond, MaxBackoff: time.Hour, Doublings: 16}
	if got := resource.Retry(q, nil); got != wantRetry {
		t.Errorf("got %+v, want %+v", got, wantRetry)
	}
}

func TestRetryOfATask(t *testing.T) {
	t.Parallel()
	q := &cloudtaskspb.Queue{RetryConfig: &cloudtaskspb.RetryConfig{MaxAttempts: 7}}
	own := &cloudtaskspb.Task{RetryConfig: &cloudtaskspb.RetryConfig{MaxAttempts: 3, MinBackoff: durationpb.New(time.Second)}}
	if got := resource.Retry(q, own); got.Attempts != 3 || got.MinBackoff != time.Second {
		t.Errorf("got %+v, want what the task says", got)
	}
	if got := resource.Retry(q, &cloudtaskspb.Task{}); got.Attempts != 7 {
		t.Errorf("got %+v, want what the queue says", got)
	}
}

func TestBurst(t *testing.T) {
	t.Parallel()
	for rate, want := range map[float64]int32{0.1: 10, 1: 10, 50: 10, 51: 11, 100: 20, 500: 100} {
		q := &cloudtaskspb.Queue{RateLimits: &cloudtaskspb.RateLimits{MaxDispatchesPerSecond: rate, MaxBurstSize: -3}}
		if err := resource.CompleteQueue(q); err != nil || q.GetRateLimits().GetMaxBurstSize() != want {
			t.Errorf("rate %v: got %d, %v, want %d", rate, q.GetRateLimits().GetMaxBurstSize(), err, want)
		}
	}
}

func TestCompleteQueueRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, queue, want string }{
		{"negative rate", "rate_limits {max_dispatches_per_second: -1}", "RateLimits.maxDispatchesPerSecond cannot be negative."},
		{"rate that is no number", "rate_limits {max_dispatches_per_second: nan}", "RateLimits.maxDispatchesPerSecond cannot be negative."},
		{"high rate", "rate_limits {max_dispatches_per_second: 500.1}", "RateLimits.maxDispatchesPerSecond must be less than or equal to 500."},
		{"negative concurrency", "rate_limits {max_concurrent_dispatches: -1}", "RateLimits.maxConcurrentDispatches cannot be negative."},
		{"high concurrency", "rate_limits {max_concurrent_dispatches: 5001}", "RateLimits.maxConcurrentDispatches must be less than or equal to 5000."},
		{"attempts", "retry_config {max_attempts: -2}", "RetryConfig.maxAttempts must be greater or equal to -1."},
		{"doublings", "retry_config {max_doublings: -1}", "RetryConfig.maxDoublings cannot be negative."},
		{"negative backoff", "retry_config {min_backoff {seconds: -1}}", "RetryConfig.minBackoff cannot be negative."},
		{"negative duration", "retry_config {max_retry_duration {seconds: -1}}", "RetryConfig.maxRetryDuration cannot be negative."},
		{"no duration", "retry_config {max_backoff {seconds: 1 nanos: -1}}", "RetryConfig.maxBackoff is not a valid duration."},
		{"backoffs crossed", "retry_config {min_backoff {seconds: 3} max_backoff {seconds: 2}}", "RetryConfig.minBackoff must be less than or equal to RetryConfig.maxBackoff."},
		{"sampling", "stackdriver_logging_config {sampling_ratio: 1.1}", "StackdriverLoggingConfig.samplingRatio must be between 0.0 and 1.0."},
		{"empty host", `http_target {uri_override {host: ""}}`, "UriOverride.host must be the name of a host, without scheme, port or path."},
		{"host with a path", `http_target {uri_override {host: "a/b"}}`, "UriOverride.host must be the name of a host, without scheme, port or path."},
		{"negative port", "http_target {uri_override {port: -1}}", "UriOverride.port must be between 0 and 65535."},
		{"high port", "http_target {uri_override {port: 65536}}", "UriOverride.port must be between 0 and 65535."},
		{"header", `http_target {header_overrides {header {key: "a b"}}}`, `HttpTarget.headerOverrides has an invalid header name: "a b".`},
		{"oidc without audience", `http_target {oidc_token {service_account_email: "a@b"}}`, "HttpTarget.oidcToken must specify both serviceAccountEmail and audience."},
		{"oauth without scope", `http_target {oauth_token {service_account_email: "a@b"}}`, "HttpTarget.oauthToken must specify both serviceAccountEmail and scope."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := resource.CompleteQueue(parse(t, &cloudtaskspb.Queue{}, tt.queue))
			if s := status.Convert(err); s.Code() != codes.InvalidArgument || s.Message() != tt.want {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestUnlimitedAttemptsStay(t *testing.T) {
	t.Parallel()
	q := parse(t, &cloudtaskspb.Queue{}, "retry_config {max_attempts: -1 min_backoff {seconds: 7200}}")
	if err := resource.CompleteQueue(q); err != nil {
		t.Fatal(err)
	}
	if got := resource.Retry(q, nil); got.Attempts != dispatch.Unlimited || got.MaxBackoff != 2*time.Hour {
		t.Errorf("got %+v, want unlimited attempts, and no wait shorter than the least", got)
	}
}
