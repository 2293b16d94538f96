package pipelineservice

import (
	"fmt"
	"path"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// withJobs is a service that holds jobs named job-0, job-1 … a minute apart. The
// even ones failed.
func withJobs(t *testing.T, n int) *Service {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		job := newRequest(t, "").GetPipelineJob()
		job.Name = fmt.Sprintf("%s/pipelineJobs/job-%d", testParent, i)
		job.DisplayName = fmt.Sprintf("run %d", i)
		job.CreateTime = timestamppb.New(noon.Add(time.Duration(i) * time.Minute))
		job.State = aiplatformpb.PipelineState_PIPELINE_STATE_SUCCEEDED
		if i%2 == 0 {
			job.State = aiplatformpb.PipelineState_PIPELINE_STATE_FAILED
		}
		job.JobDetail = &aiplatformpb.PipelineJobDetail{}
		if err := (store{dir}).save(job); err != nil {
			t.Fatal(err)
		}
	}
	elsewhere := newRequest(t, "").GetPipelineJob()
	elsewhere.Name = "projects/local-project/locations/us-central1-x/pipelineJobs/elsewhere"
	elsewhere.State = aiplatformpb.PipelineState_PIPELINE_STATE_SUCCEEDED
	if err := (store{dir}).save(elsewhere); err != nil {
		t.Fatal(err)
	}
	return newService(t, dir, succeed)
}

func TestList(t *testing.T) {
	t.Parallel()
	s := withJobs(t, 4)
	cases := []struct {
		name    string
		request *aiplatformpb.ListPipelineJobsRequest
		want    string
		wantErr string
	}{
		{name: "the newest first", request: &aiplatformpb.ListPipelineJobsRequest{}, want: "job-3 job-2 job-1 job-0"},
		{name: "the oldest first", request: &aiplatformpb.ListPipelineJobsRequest{OrderBy: "create_time"}, want: "job-0 job-1 job-2 job-3"},
		{name: "by state", request: &aiplatformpb.ListPipelineJobsRequest{Filter: `state="PIPELINE_STATE_FAILED"`}, want: "job-2 job-0"},
		{name: "by not a state", request: &aiplatformpb.ListPipelineJobsRequest{Filter: `state != PIPELINE_STATE_FAILED`}, want: "job-3 job-1"},
		{name: "by name", request: &aiplatformpb.ListPipelineJobsRequest{Filter: `display_name="run 1"`}, want: "job-1"},
		{name: "by part of a name", request: &aiplatformpb.ListPipelineJobsRequest{Filter: `display_name:"*un*"`}, want: "job-3 job-2 job-1 job-0"},
		{name: "by both", request: &aiplatformpb.ListPipelineJobsRequest{Filter: `display_name:"run*" AND state="PIPELINE_STATE_FAILED" AND pipeline_job_user_id!="job-0"`}, want: "job-2"},
		{name: "by pipeline", request: &aiplatformpb.ListPipelineJobsRequest{Filter: `pipeline_name="another"`}},
		{name: "by what nobody knows", request: &aiplatformpb.ListPipelineJobsRequest{Filter: `schedule_name="a"`}, wantErr: `does not know "schedule_name=`},
		{name: "by either of two", request: &aiplatformpb.ListPipelineJobsRequest{Filter: `state="a" OR state="b"`}, wantErr: "does not know"},
		{name: "in another order", request: &aiplatformpb.ListPipelineJobsRequest{OrderBy: "end_time"}, wantErr: "order_by"},
		{name: "a negative page", request: &aiplatformpb.ListPipelineJobsRequest{PageSize: -1}, wantErr: "page_size"},
		{name: "a made-up token", request: &aiplatformpb.ListPipelineJobsRequest{PageToken: "!"}, wantErr: "page_token"},
		{name: "a mask of no field", request: &aiplatformpb.ListPipelineJobsRequest{ReadMask: &fieldmaskpb.FieldMask{Paths: []string{"job_detail.nope"}}}, wantErr: "read_mask"},
		{name: "another form of parent", request: &aiplatformpb.ListPipelineJobsRequest{Parent: "x"}, wantErr: "Invalid parent"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.request.Parent == "" {
				c.request.Parent = testParent
			}
			answer, err := s.ListPipelineJobs(as(t, "developer"), c.request)
			if got := status.Convert(err); (c.wantErr != "") != (got.Code() == codes.InvalidArgument) || !strings.Contains(got.Message(), c.wantErr) {
				t.Fatalf("error = %v, want %q", err, c.wantErr)
			}
			if diff := cmp.Diff(c.want, ids(answer)); diff != "" {
				t.Errorf("jobs (-want +got):\n%s", diff)
			}
			for _, job := range answer.GetPipelineJobs() {
				if job.GetJobDetail() != nil {
					t.Error("a list has details")
				}
			}
		})
	}
}

func ids(answer *aiplatformpb.ListPipelineJobsResponse) string {
	var all []string
	for _, job := range answer.GetPipelineJobs() {
		all = append(all, path.Base(job.GetName()))
	}
	return strings.Join(all, " ")
}

func TestListByPages(t *testing.T) {
	t.Parallel()
	s := withJobs(t, 5)
	request := &aiplatformpb.ListPipelineJobsRequest{Parent: testParent, PageSize: 2}
	var pages []string
	for {
		answer, err := s.ListPipelineJobs(as(t, "developer"), request)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, ids(answer))
		if request.PageToken = answer.GetNextPageToken(); request.PageToken == "" {
			break
		}
		if len(pages) == 1 { // the job that the token names may be gone meanwhile
			if err := s.forget(testParent + "/pipelineJobs/job-3"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if diff := cmp.Diff([]string{"job-4 job-3", "job-2 job-1", "job-0"}, pages); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}

func TestMatchWildcard(t *testing.T) {
	t.Parallel()
	cases := []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"a", "a", true}, {"a", "ab", false}, {"*", "", true}, {"*", "abc", true},
		{"a*", "abc", true}, {"*c", "abc", true}, {"a*c", "abc", true}, {"a*b*c", "a1b2c", true}, {"a*b*c", "acb", false},
		{"ab*ba", "aba", false}, {"*step*", "one step more", true}, {"**", "x", true},
	}
	for _, c := range cases {
		if got := matchWildcard(c.pattern, c.text); got != c.want {
			t.Errorf("matchWildcard(%q, %q) = %v, want %v", c.pattern, c.text, got, c.want)
		}
	}
}

func FuzzParseFilter(f *testing.F) {
	for _, seed := range []string{"", `state="x"`, `display_name:"*a*" AND state!=y`, `a AND`, `state="`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		matches, err := parseFilter(text)
		if (err == nil) == (matches == nil) {
			t.Fatalf("parseFilter(%q) = nil filter: %v, error: %v", text, matches == nil, err)
		}
		if err == nil {
			matches(&aiplatformpb.PipelineJob{})
		}
	})
}

func TestFilterByLabels(t *testing.T) {
	t.Parallel()
	job := &aiplatformpb.PipelineJob{Labels: map[string]string{"team": "data", "empty": ""}}
	for text, want := range map[string]bool{
		"labels.team=data": true, "labels.team=other": false, `labels.team!="other"`: true, "labels.team:*": true, "labels.team:da*": true,
		"labels.none:*": false, "labels.none=x": false, "labels.none!=x": true, "labels.empty:*": true, "labels.team=data AND labels.none:*": false,
	} {
		matches, err := parseFilter(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := matches(job); got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}
