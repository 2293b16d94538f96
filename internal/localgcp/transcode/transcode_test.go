package transcode

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"
)

// recorder is a pipeline service that keeps the last request and answers what
// it is told to.
type recorder struct {
	aiplatformpb.UnimplementedPipelineServiceServer
	request       proto.Message
	authorization []string
	err           error
}

func (r *recorder) keep(ctx context.Context, request proto.Message) error {
	md, _ := metadata.FromIncomingContext(ctx)
	r.request, r.authorization = request, md.Get("authorization")
	return r.err
}

func (r *recorder) CreatePipelineJob(ctx context.Context, req *aiplatformpb.CreatePipelineJobRequest) (*aiplatformpb.PipelineJob, error) {
	return &aiplatformpb.PipelineJob{Name: "made", State: aiplatformpb.PipelineState_PIPELINE_STATE_PENDING}, r.keep(ctx, req)
}

func (r *recorder) GetPipelineJob(ctx context.Context, req *aiplatformpb.GetPipelineJobRequest) (*aiplatformpb.PipelineJob, error) {
	return &aiplatformpb.PipelineJob{Name: req.GetName()}, r.keep(ctx, req)
}

func (r *recorder) ListPipelineJobs(ctx context.Context, req *aiplatformpb.ListPipelineJobsRequest) (*aiplatformpb.ListPipelineJobsResponse, error) {
	return &aiplatformpb.ListPipelineJobsResponse{NextPageToken: "next"}, r.keep(ctx, req)
}

func (r *recorder) CancelPipelineJob(ctx context.Context, req *aiplatformpb.CancelPipelineJobRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, r.keep(ctx, req)
}

func (r *recorder) DeletePipelineJob(ctx context.Context, req *aiplatformpb.DeletePipelineJobRequest) (*longrunningpb.Operation, error) {
	packed, err := anypb.New(&emptypb.Empty{})
	if err != nil {
		return nil, err
	}
	return &longrunningpb.Operation{Done: true, Result: &longrunningpb.Operation_Response{Response: packed}}, r.keep(ctx, req)
}

func (r *recorder) BatchDeletePipelineJobs(ctx context.Context, req *aiplatformpb.BatchDeletePipelineJobsRequest) (*longrunningpb.Operation, error) {
	return &longrunningpb.Operation{Done: true}, r.keep(ctx, req)
}

const parentName = "projects/p/locations/l"

func TestMethods(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, method, path, body string
		wantRequest              proto.Message
		wantBody                 string
	}{
		{
			name: "create", method: "POST", path: "/v1/projects/p/locations/l/pipelineJobs?pipelineJobId=j&$alt=json;enum-encoding=int",
			body:        `{"displayName": "d", "runtimeConfig": {"gcsOutputDirectory": "gs://b"}}`,
			wantRequest: &aiplatformpb.CreatePipelineJobRequest{Parent: parentName, PipelineJobId: "j", PipelineJob: &aiplatformpb.PipelineJob{DisplayName: "d", RuntimeConfig: &aiplatformpb.PipelineJob_RuntimeConfig{GcsOutputDirectory: "gs://b"}}},
			wantBody:    `{"name": "made", "state": "PIPELINE_STATE_PENDING"}`,
		},
		{
			name: "create without a body", method: "POST", path: "/v1/projects/p/locations/l/pipelineJobs",
			wantRequest: &aiplatformpb.CreatePipelineJobRequest{Parent: parentName, PipelineJob: &aiplatformpb.PipelineJob{}},
			wantBody:    `{"name": "made", "state": "PIPELINE_STATE_PENDING"}`,
		},
		{
			name: "get", method: "GET", path: "/v1/projects/p/locations/l/pipelineJobs/j",
			wantRequest: &aiplatformpb.GetPipelineJobRequest{Name: parentName + "/pipelineJobs/j"},
			wantBody:    `{"name": "projects/p/locations/l/pipelineJobs/j"}`,
		},
		{
			name: "list", method: "GET", path: `/v1/projects/p/locations/l/pipelineJobs?pageSize=2&pageToken=t&filter=state%3D1&orderBy=create_time&readMask=displayName,state`,
			wantRequest: &aiplatformpb.ListPipelineJobsRequest{Parent: parentName, PageSize: 2, PageToken: "t", Filter: "state=1", OrderBy: "create_time"},
			wantBody:    `{"nextPageToken": "next"}`,
		},
		{
			name: "cancel", method: "POST", path: "/v1/projects/p/locations/l/pipelineJobs/j:cancel", body: "{}",
			wantRequest: &aiplatformpb.CancelPipelineJobRequest{Name: parentName + "/pipelineJobs/j"},
			wantBody:    `{}`,
		},
		{
			name: "delete", method: "DELETE", path: "/v1/projects/p/locations/l/pipelineJobs/j",
			wantRequest: &aiplatformpb.DeletePipelineJobRequest{Name: parentName + "/pipelineJobs/j"},
			wantBody:    `{"done": true, "response": {"@type": "type.googleapis.com/google.protobuf.Empty"}}`,
		},
		{
			name: "delete several", method: "POST", path: "/v1/projects/p/locations/l/pipelineJobs:batchDelete", body: `{"names": ["a", "b"]}`,
			wantRequest: &aiplatformpb.BatchDeletePipelineJobsRequest{Parent: parentName, Names: []string{"a", "b"}},
			wantBody:    `{"done": true}`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			service := new(recorder)
			code, body := call(t, service, c.method, c.path, c.body)
			if code != http.StatusOK {
				t.Fatalf("status = %d, body %s", code, body)
			}
			if list, ok := service.request.(*aiplatformpb.ListPipelineJobsRequest); ok {
				if diff := cmp.Diff([]string{"display_name", "state"}, list.GetReadMask().GetPaths()); diff != "" {
					t.Errorf("read mask (-want +got):\n%s", diff)
				}
				list.ReadMask = nil
			}
			if !proto.Equal(c.wantRequest, service.request) {
				t.Errorf("request (-want +got):\n%s", cmp.Diff(protojson.Format(c.wantRequest), protojson.Format(service.request)))
			}
			if diff := cmp.Diff([]string{"Bearer t"}, service.authorization); diff != "" {
				t.Errorf("authorization (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(decode(t, c.wantBody), decode(t, body)); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	denied, err := status.New(codes.PermissionDenied, "no").WithDetails(&errdetails.ErrorInfo{Reason: "IAM_PERMISSION_DENIED", Domain: "d"})
	if err != nil {
		t.Fatal(err)
	}
	jobs := "/v1/projects/p/locations/l/pipelineJobs"
	cases := []struct {
		name, method, path, body string
		err                      error
		wantCode                 int
		wantStatus, wantMessage  string
	}{
		{name: "with a reason", method: "GET", path: jobs, err: denied.Err(), wantCode: 403, wantStatus: "PERMISSION_DENIED", wantMessage: "no"},
		{name: "unauthenticated", method: "GET", path: jobs, err: status.Error(codes.Unauthenticated, "who"), wantCode: 401, wantStatus: "UNAUTHENTICATED", wantMessage: "who"},
		{name: "not a status", method: "GET", path: jobs, err: io.ErrClosedPipe, wantCode: 500, wantStatus: "UNKNOWN", wantMessage: "closed pipe"},
		{name: "unimplemented", method: "POST", path: jobs + ":batchCancel", wantCode: 501, wantStatus: "UNIMPLEMENTED", wantMessage: "BatchCancelPipelineJobs"},
		{name: "not JSON", method: "POST", path: jobs, body: "{", wantCode: 400, wantStatus: "INVALID_ARGUMENT", wantMessage: "Invalid JSON payload"},
		{name: "unknown field", method: "POST", path: jobs, body: `{"nope": 1}`, wantCode: 400, wantStatus: "INVALID_ARGUMENT", wantMessage: "nope"},
		{name: "page size is no number", method: "GET", path: jobs + "?pageSize=x", wantCode: 400, wantStatus: "INVALID_ARGUMENT", wantMessage: "page_size"},
		{name: "unknown verb", method: "POST", path: jobs + "/j:explode", wantCode: 404, wantStatus: "NOT_FOUND", wantMessage: "j:explode"},
		{name: "another collection", method: "GET", path: "/v1/projects/p/locations/l/customJobs", wantCode: 404, wantStatus: "NOT_FOUND", wantMessage: "customJobs"},
		{name: "too much", method: "POST", path: jobs, body: `{"displayName": "` + strings.Repeat("a", MaxBody) + `"}`, wantCode: 400, wantStatus: "INVALID_ARGUMENT", wantMessage: "payload size"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			code, body := call(t, &recorder{err: c.err}, c.method, c.path, c.body)
			var got struct {
				Error struct {
					Code            int
					Message, Status string
				}
			}
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatalf("body %q: %v", body, err)
			}
			if code != c.wantCode || got.Error.Code != c.wantCode || got.Error.Status != c.wantStatus || !strings.Contains(got.Error.Message, c.wantMessage) {
				t.Errorf("got %d %+v, want %d %s %q", code, got.Error, c.wantCode, c.wantStatus, c.wantMessage)
			}
			if c.err != nil && c.wantStatus == "PERMISSION_DENIED" && !strings.Contains(body, `"@type": "type.googleapis.com/google.rpc.ErrorInfo"`) {
				t.Errorf("body has no ErrorInfo: %s", body)
			}
		})
	}
}

func TestEveryCodeHasAStatus(t *testing.T) {
	t.Parallel()
	for c := codes.Canceled; c <= codes.Unauthenticated; c++ {
		if got := httpStatus(int32(c)); got < http.StatusBadRequest {
			t.Errorf("httpStatus(%v) = %d", c, got)
		}
	}
}

func newHandler(t *testing.T, service aiplatformpb.PipelineServiceServer) http.Handler {
	t.Helper()
	server := grpc.NewServer()
	t.Cleanup(server.Stop)
	aiplatformpb.RegisterPipelineServiceServer(server, service)
	h, err := New(server)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func call(t *testing.T, service aiplatformpb.PipelineServiceServer, method, path, body string) (code int, answer string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer t")
	w := httptest.NewRecorder()
	newHandler(t, service).ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func decode(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return v
}
