package scheduler

import (
	"testing"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/durationpb"
)

func TestBackoff(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		low, high int
		doublings int32
		want      []int
	}{
		{"the example of Google's reference", 10, 300, 3, []int{10, 20, 40, 80, 160, 240, 300, 300}},
		{"the defaults", 5, 3600, 5, []int{5, 10, 20, 40, 80, 160, 320, 480, 640}},
		{"linear from the start", 10, 300, 0, []int{10, 20, 30, 40}},
		{"the maximum at once", 300, 300, 3, []int{300, 300}},
		{"no wait", 0, 300, 1, []int{0, 0, 300}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := &schedulerpb.RetryConfig{
				MinBackoffDuration: durationpb.New(time.Duration(tt.low) * time.Second),
				MaxBackoffDuration: durationpb.New(time.Duration(tt.high) * time.Second),
				MaxDoublings:       tt.doublings,
			}
			var got []int
			for retries := range tt.want {
				got = append(got, int(backoff(r, retries).Seconds()))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("seconds (-want +got):\n%s", diff)
			}
		})
	}
}
