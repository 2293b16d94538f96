package transcode

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

// jobs is another service, whose methods have what pipelines have not: a name of
// the resource inside the body, and a field mask in the query.
type jobs struct {
	schedulerpb.UnimplementedCloudSchedulerServer
	request proto.Message
	err     error
}

func (j *jobs) UpdateJob(_ context.Context, req *schedulerpb.UpdateJobRequest) (*schedulerpb.Job, error) {
	j.request = req
	return &schedulerpb.Job{State: schedulerpb.Job_PAUSED}, j.err
}

func (j *jobs) ListJobs(_ context.Context, req *schedulerpb.ListJobsRequest) (*schedulerpb.ListJobsResponse, error) {
	j.request = req
	return &schedulerpb.ListJobsResponse{}, j.err
}

func serve(t *testing.T, j *jobs, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	server := grpc.NewServer()
	t.Cleanup(server.Stop)
	schedulerpb.RegisterCloudSchedulerServer(server, j)
	h, err := New(server)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestUpdates(t *testing.T) {
	t.Parallel()
	const job = "/v1/projects/p/locations/l/jobs/j"
	want := &schedulerpb.UpdateJobRequest{
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"http_target.oidc_token.service_account_email", "schedule"}},
		Job: &schedulerpb.Job{
			Name: "projects/p/locations/l/jobs/j", Schedule: "* * * * *",
			Target: &schedulerpb.Job_HttpTarget{HttpTarget: &schedulerpb.HttpTarget{HttpMethod: schedulerpb.HttpMethod_PUT, Body: []byte("hi?>")}},
		},
	}
	tests := []struct{ name, query, body, contentType string }{
		{"as gcloud", "alt=json&updateMask=httpTarget.oidcToken.serviceAccountEmail%2Cschedule", `{"schedule": "* * * * *", "httpTarget": {"httpMethod": "PUT", "body": "aGk/Pg=="}}`, "application/json"},
		{"enums as numbers", "$alt=json;enum-encoding=int&updateMask=httpTarget.oidcToken.serviceAccountEmail,schedule", `{"schedule": "* * * * *", "httpTarget": {"httpMethod": 4, "body": "aGk/Pg=="}}`, "application/json"},
		{"proto names, URL-safe base64", "update_mask=http_target.oidc_token.service_account_email,schedule&prettyPrint=false", `{"schedule": "* * * * *", "http_target": {"http_method": "PUT", "body": "aGk_Pg"}}`, "application/json; charset=UTF-8"},
		{"as curl's form", "updateMask=httpTarget.oidcToken.serviceAccountEmail,schedule", `{"schedule": "* * * * *", "httpTarget": {"httpMethod": "PUT", "body": "aGk/Pg=="}}`, "application/x-www-form-urlencoded"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			j := new(jobs)
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPatch, job+"?"+tt.query, strings.NewReader(tt.body))
			r.Header.Set("Content-Type", tt.contentType)
			r.Header.Set("Accept-Encoding", "gzip, deflate;q=0.5")
			w := serve(t, j, r)
			if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"state": "PAUSED"`) {
				t.Fatalf("got %d %s", w.Code, w.Body)
			}
			if !proto.Equal(want, j.request) {
				t.Errorf("request (-want +got):\n%s", cmp.Diff(protojson.Format(want), protojson.Format(j.request)))
			}
			if got := w.Header().Get("Content-Type"); got != "application/json; charset=UTF-8" {
				t.Errorf("got content type %q", got)
			}
		})
	}
}

func TestBadUpdates(t *testing.T) {
	t.Parallel()
	const job = "/v1/projects/p/locations/l/jobs/j"
	tests := []struct{ name, url, body, want string }{
		{"unknown parameter", job + "?nope=1", `{}`, `Unknown name \"nope\"`},
		{"unknown enum", job, `{"httpTarget": {"httpMethod": "FETCH"}}`, "FETCH"},
		{"no base64", job, `{"httpTarget": {"body": "?"}}`, "Invalid JSON payload received."},
		{"a field's type", job, `{"schedule": 5}`, "Invalid JSON payload received."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := serve(t, new(jobs), httptest.NewRequestWithContext(t.Context(), http.MethodPatch, tt.url, strings.NewReader(tt.body)))
			if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), tt.want) || !strings.Contains(w.Body.String(), `"INVALID_ARGUMENT"`) {
				t.Errorf("got %d %s, want 400 with %q", w.Code, w.Body, tt.want)
			}
		})
	}
}

func TestCompressedRequests(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		want       int
	}{
		{"a job", `{"schedule": "* * * * *"}`, http.StatusOK},
		{"much in little", `{"schedule": "` + strings.Repeat("*", MaxBody+1) + `"}`, http.StatusTooManyRequests},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var packed bytes.Buffer
			z, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := z.Write([]byte(tt.body)); err != nil {
				t.Fatal(err)
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			j := new(jobs)
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPatch, "/v1/projects/p/locations/l/jobs/j", &packed)
			r.Header.Set("Content-Encoding", "gzip")
			w := serve(t, j, r)
			if w.Code != tt.want || (j.request != nil) != (tt.want == http.StatusOK) {
				t.Errorf("got %d %s, want %d", w.Code, w.Body, tt.want)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	busy, err := status.New(codes.Unavailable, "later").WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(7 * time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	w := serve(t, &jobs{err: busy.Err()}, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/projects/p/locations/l/jobs", nil))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "7" {
		t.Errorf("got %d after %q, want 503 after 7", w.Code, w.Header().Get("Retry-After"))
	}
}

func TestEmptyAnswer(t *testing.T) {
	t.Parallel()
	w := serve(t, new(jobs), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/projects/p/locations/l/jobs?pageSize=3&key=k", strings.NewReader("{}")))
	if w.Code != http.StatusOK || strings.TrimSpace(w.Body.String()) != "{}" {
		t.Errorf("got %d %s, want {}", w.Code, w.Body)
	}
}
