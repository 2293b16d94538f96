package authpipe

import (
	"testing"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func TestLastCall(t *testing.T) {
	t.Parallel()
	at := timestamppb.New(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	tests := []struct {
		job  *schedulerpb.Job
		want string
	}{
		{&schedulerpb.Job{}, "not called yet"},
		{&schedulerpb.Job{LastAttemptTime: at}, "called 2026-01-02T03:04:05Z"},
		{&schedulerpb.Job{LastAttemptTime: at, Status: &status.Status{}}, "taken 2026-01-02T03:04:05Z"},
		{&schedulerpb.Job{LastAttemptTime: at, Status: &status.Status{Code: 7}}, "failed 2026-01-02T03:04:05Z: PERMISSION_DENIED"},
	}
	for _, tt := range tests {
		if got := lastCall(tt.job); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
