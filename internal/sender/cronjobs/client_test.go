package cronjobs

import (
	"errors"
	"testing"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/authcall/authcall/internal/gapi"
	"github.com/authcall/authcall/internal/sender/sendertest"
)

const (
	parent = "projects/p/locations/l"
	name   = parent + "/jobs/nightly"
)

func open(t *testing.T, answers map[string]sendertest.Answer) (*sendertest.Recorder, *Client) {
	t.Helper()
	recorder, connection := sendertest.Serve(t, func(r grpc.ServiceRegistrar) {
		schedulerpb.RegisterCloudSchedulerServer(r, schedulerpb.UnimplementedCloudSchedulerServer{})
	}, answers)
	client, err := NewClient(t.Context(), connection)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return recorder, client
}

func TestRequests(t *testing.T) {
	t.Parallel()
	job := &schedulerpb.Job{Name: name, Schedule: "* * * * *"}
	always := sendertest.Always(job)
	recorder, client := open(t, map[string]sendertest.Answer{
		"GetJob": always, "CreateJob": always, "UpdateJob": always, "RunJob": always,
		"DeleteJob": sendertest.Always(&emptypb.Empty{}),
		"ListJobs": func(n int, _ proto.Message) (proto.Message, error) {
			page := &schedulerpb.ListJobsResponse{Jobs: []*schedulerpb.Job{job, job}, NextPageToken: "more"}
			return page, nil
		},
	})
	ctx := t.Context()
	_, getErr := client.Get(ctx, name)
	_, createErr := client.Create(ctx, job)
	_, updateErr := client.Update(ctx, job, []string{"http_target.uri", "schedule"})
	_, runErr := client.Run(ctx, name)
	deleteErr := client.Delete(ctx, name)
	all, listErr := client.List(ctx, parent, 3)
	if err := errors.Join(getErr, createErr, updateErr, runErr, deleteErr, listErr); err != nil {
		t.Fatal(err)
	}
	if len(all) != 3 {
		t.Errorf("%d jobs, want the three that were asked for", len(all))
	}
	want := []sendertest.Request{
		{Method: "GetJob", Message: &schedulerpb.GetJobRequest{Name: name}},
		{Method: "CreateJob", Message: &schedulerpb.CreateJobRequest{Parent: parent, Job: job}},
		{Method: "UpdateJob", Message: &schedulerpb.UpdateJobRequest{Job: job, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"http_target.uri", "schedule"}}}},
		{Method: "RunJob", Message: &schedulerpb.RunJobRequest{Name: name}},
		{Method: "DeleteJob", Message: &schedulerpb.DeleteJobRequest{Name: name}},
		{Method: "ListJobs", Message: &schedulerpb.ListJobsRequest{Parent: parent}},
		{Method: "ListJobs", Message: &schedulerpb.ListJobsRequest{Parent: parent, PageToken: "more"}},
	}
	if diff := cmp.Diff(want, recorder.Requests(), protocmp.Transform()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if got := recorder.Header("authorization"); len(got) != 1 || got[0] != "Bearer "+sendertest.Token {
		t.Errorf("authorization = %q", got)
	}
}

func TestReadsAreMadeAgainAndCreationsAreNot(t *testing.T) {
	t.Parallel()
	job := &schedulerpb.Job{Name: name}
	fails := sendertest.Fails(1, codes.Unavailable, job)
	recorder, client := open(t, map[string]sendertest.Answer{"GetJob": fails, "CreateJob": fails})
	if _, err := client.Get(t.Context(), name); err != nil {
		t.Errorf("Get() error = %v", err)
	}
	if _, err := client.Create(t.Context(), job); !gapi.IsKind(err, gapi.Unavailable) {
		t.Errorf("Create() error = %v, want %q", err, gapi.Unavailable)
	}
	if n := len(recorder.Requests()); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
}

func TestRunNow(t *testing.T) {
	t.Parallel()
	at := func(second int64, s *status.Status) *schedulerpb.Job {
		return &schedulerpb.Job{Name: name, LastAttemptTime: &timestamppb.Timestamp{Seconds: second}, Status: s}
	}
	ok, failed := &status.Status{}, &status.Status{Code: int32(codes.PermissionDenied)}
	script := func(states ...*schedulerpb.Job) map[string]sendertest.Answer {
		return map[string]sendertest.Answer{
			"RunJob": sendertest.Always(states[0]),
			"GetJob": func(n int, _ proto.Message) (proto.Message, error) { return states[min(n, len(states)-1)], nil },
		}
	}
	cases := []struct {
		name    string
		states  []*schedulerpb.Job
		timeout time.Duration
		want    *status.Status
		wantErr error
	}{
		{name: "at once", states: []*schedulerpb.Job{at(1, failed), at(2, ok)}, timeout: time.Minute, want: ok},
		{name: "under way for a while", states: []*schedulerpb.Job{at(1, ok), at(1, ok), at(2, nil), at(2, failed)}, timeout: time.Minute, want: failed},
		{name: "never run before", states: []*schedulerpb.Job{{Name: name}, at(2, ok)}, timeout: time.Minute, want: ok},
		{name: "not over in time", states: []*schedulerpb.Job{at(1, ok)}, timeout: time.Millisecond, want: ok, wantErr: ErrUnderWay},
		{name: "not waited for", states: []*schedulerpb.Job{at(1, ok)}, want: ok},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, client := open(t, script(c.states...))
			job, err := RunNow(t.Context(), client, name, c.timeout)
			if !errors.Is(err, c.wantErr) {
				t.Fatalf("RunNow() error = %v, want %v", err, c.wantErr)
			}
			if diff := cmp.Diff(c.want, job.GetStatus(), protocmp.Transform()); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
		})
	}
}
