package authpipe

import (
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/authcall/authcall/internal/sender"
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

func TestTellAttempt(t *testing.T) {
	t.Parallel()
	call := sender.Call{URL: "https://a", Token: sender.Token{ServiceAccount: "x@y"}}
	tests := []struct {
		call   sender.Call
		result *status.Status
		want   string
	}{
		{call, nil, "https://a took the call of x@y"},
		{sender.Call{URL: "https://a"}, &status.Status{}, "https://a took the call of nobody, without a token"},
		{call, &status.Status{Code: int32(codes.PermissionDenied), Message: "why"}, "the call of https://a as x@y ended with PermissionDenied: why; to fix: authpipe oidc scheduler update nightly --target"},
		{call, &status.Status{Code: int32(codes.Unauthenticated)}, "ended with Unauthenticated: no message; to fix: authpipe oidc scheduler update nightly --target"},
		{call, &status.Status{Code: int32(codes.Unavailable)}, "ended with Unavailable: no message; to fix: look for the answer in the job's log"},
	}
	for _, tt := range tests {
		var said strings.Builder
		if err := (&factory{stderr: &said}).tellAttempt("nightly", tt.call, tt.result); err != nil {
			said.WriteString(err.Error())
		}
		if !strings.Contains(said.String(), tt.want) {
			t.Errorf("got %q, want it to have %q", said.String(), tt.want)
		}
	}
}
