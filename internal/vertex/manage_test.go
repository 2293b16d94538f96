package vertex

import (
	"context"
	"fmt"
	"path"
	"testing"

	aiplatform "cloud.google.com/go/aiplatform/apiv1"
	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"
)

// manager is a service with runs run-0 to run-249, in pages of at most 100.
type manager struct {
	service
	cancelled []string
	deletions []any // an error or an operation each
	refuse    error
}

func (m *manager) CancelPipelineJob(_ context.Context, req *aiplatformpb.CancelPipelineJobRequest) (*emptypb.Empty, error) {
	m.cancelled = append(m.cancelled, req.GetName())
	return &emptypb.Empty{}, m.refuse
}

func (m *manager) DeletePipelineJob(context.Context, *aiplatformpb.DeletePipelineJobRequest) (*longrunningpb.Operation, error) {
	next := m.deletions[0]
	m.deletions = m.deletions[1:]
	if err, failed := next.(error); failed {
		return nil, err
	}
	return next.(*longrunningpb.Operation), nil
}

func (m *manager) ListPipelineJobs(_ context.Context, req *aiplatformpb.ListPipelineJobsRequest) (*aiplatformpb.ListPipelineJobsResponse, error) {
	if m.refuse != nil {
		return nil, m.refuse
	}
	start := 0
	if token := req.GetPageToken(); token != "" {
		if _, err := fmt.Sscan(token, &start); err != nil {
			return nil, status.Error(codes.InvalidArgument, token)
		}
	}
	end := min(start+int(req.GetPageSize()), 250)
	answer := &aiplatformpb.ListPipelineJobsResponse{}
	for i := start; i < end; i++ {
		answer.PipelineJobs = append(answer.PipelineJobs, &aiplatformpb.PipelineJob{Name: fmt.Sprintf("%s/pipelineJobs/run-%d", req.GetParent(), i)})
	}
	if end < 250 {
		answer.NextPageToken = fmt.Sprint(end)
	}
	return answer, nil
}

func newManager(t *testing.T, m *manager) *aiplatform.PipelineClient {
	t.Helper()
	client, err := NewClient(t.Context(), ClientOptions{Endpoint: serve(t, m), Credentials: staticCredentials("")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func TestList(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		limit    int
		want     int
		wantLast string
	}{
		{name: "some", limit: 3, want: 3, wantLast: "run-2"},
		{name: "several pages", limit: 150, want: 150, wantLast: "run-149"},
		{name: "all there are", limit: 1000, want: 250, wantLast: "run-249"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			jobs, err := List(t.Context(), newManager(t, &manager{}), ListOptions{Parent: testParent, Limit: c.limit})
			if err != nil {
				t.Fatal(err)
			}
			if len(jobs) != c.want || path.Base(jobs[len(jobs)-1].GetName()) != c.wantLast {
				t.Errorf("%d runs, the last %s; want %d, %s", len(jobs), jobs[len(jobs)-1].GetName(), c.want, c.wantLast)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	m := &manager{}
	if err := Cancel(t.Context(), newManager(t, m), "a-run"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a-run"}, m.cancelled); diff != "" {
		t.Errorf("cancelled (-want +got):\n%s", diff)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	empty, err := anypb.New(&emptypb.Empty{})
	if err != nil {
		t.Fatal(err)
	}
	done := &longrunningpb.Operation{Name: "operations/1", Done: true, Result: &longrunningpb.Operation_Response{Response: empty}}
	failed := &longrunningpb.Operation{Name: "operations/1", Done: true, Result: &longrunningpb.Operation_Error{
		Error: status.New(codes.FailedPrecondition, "it is running").Proto(),
	}}
	gone := status.Error(codes.NotFound, "no such run")
	cases := []struct {
		name      string
		deletions []any
		want      Kind // empty: none
	}{
		{name: "done", deletions: []any{done}},
		{name: "refused", deletions: []any{status.Error(codes.FailedPrecondition, "it is running")}, want: Rejected},
		{name: "failed", deletions: []any{failed}, want: Rejected},
		{name: "no such run", deletions: []any{gone}, want: NotFound},
		{name: "the answer was lost", deletions: []any{errGone, gone}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := &manager{deletions: c.deletions}
			err := Delete(t.Context(), newManager(t, m), "a-run")
			if (err != nil) != (c.want != "") || err != nil && !IsKind(err, c.want) {
				t.Errorf("Delete() error = %v, want kind %q", err, c.want)
			}
			if len(m.deletions) > 0 {
				t.Errorf("%d calls less than expected", len(m.deletions))
			}
		})
	}
}

func TestManagersErrorsHaveTheirReason(t *testing.T) {
	t.Parallel()
	refusal, err := status.New(codes.PermissionDenied, "not used before").WithDetails(&errdetails.ErrorInfo{Reason: "SERVICE_DISABLED"})
	if err != nil {
		t.Fatal(err)
	}
	client := newManager(t, &manager{refuse: refusal.Err()})
	_, listErr := List(t.Context(), client, ListOptions{Parent: testParent, Limit: 1})
	for name, got := range map[string]error{"List": listErr, "Cancel": Cancel(t.Context(), client, "a-run")} {
		e, ok := got.(*Error) //nolint:errorlint // it is documented to be one
		if !ok || e.Kind != Permission || e.Reason != "SERVICE_DISABLED" || e.Message != "not used before" {
			t.Errorf("%s() error = %#v", name, got)
		}
	}
}
