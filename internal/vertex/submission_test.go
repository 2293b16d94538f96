package vertex

import (
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

func TestRequest(t *testing.T) {
	t.Parallel()
	s := validSubmission()
	s.Labels = map[string]string{"team": "a_b-1"}
	s.Parameters = map[string]any{
		"url": "https://hello.example.com", "timeout_seconds": 300, "ratio": 0.5, "flag": true,
		"headers": map[string]any{"X-A": "1"}, "delegates": []any{"a@b"},
	}
	req, err := s.Request()
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "request.json")
	if *update {
		data, err := protojson.MarshalOptions{Multiline: true}.Marshal(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	want := new(aiplatformpb.CreatePipelineJobRequest)
	if err := protojson.Unmarshal(data, want); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(want, req) {
		t.Errorf("request (-want +got):\n%s", cmp.Diff(protojson.Format(want), protojson.Format(req)))
	}
}

func TestRequestRefusesWhatCannotBeRight(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		change  func(*Submission)
		wantErr string
	}{
		{name: "no project", change: func(s *Submission) { s.Project = "" }, wantErr: "invalid project"},
		{name: "project is a path", change: func(s *Submission) { s.Project = "a/b" }, wantErr: `got "a/b"`},
		{name: "no location", change: func(s *Submission) { s.Location = "" }, wantErr: "invalid location"},
		{name: "no root", change: func(s *Submission) { s.PipelineRoot = "" }, wantErr: "invalid pipeline root"},
		{name: "root is a directory", change: func(s *Submission) { s.PipelineRoot = "/tmp/x" }, wantErr: `got "/tmp/x"`},
		{name: "bucket that can be none", change: func(s *Submission) { s.PipelineRoot = "gs://b/x" }, wantErr: `invalid pipeline root: want a bucket of 3 or more lower-case letters, digits, dashes, underscores or dots, got "b"`},
		{name: "root without a bucket", change: func(s *Submission) { s.PipelineRoot = "gs:///x" }, wantErr: "invalid pipeline root"},
		{name: "no account", change: func(s *Submission) { s.ServiceAccount = "" }, wantErr: "invalid service account"},
		{name: "account is a user", change: func(s *Submission) { s.ServiceAccount = "dev@example.com" }, wantErr: `got "dev@example.com"`},
		{name: "account is a principal", change: func(s *Submission) { s.ServiceAccount = "serviceAccount:" + testAccount }, wantErr: "invalid service account"},
		{name: "account only begins right", change: func(s *Submission) { s.ServiceAccount = testAccount + ".example.com" }, wantErr: "invalid service account"},
		{name: "job id in capitals", change: func(s *Submission) { s.JobID = "Job" }, wantErr: "invalid job id"},
		{name: "job id too long", change: func(s *Submission) { s.JobID = strings.Repeat("a", 129) }, wantErr: "invalid job id"},
		{name: "display name too long", change: func(s *Submission) { s.DisplayName = strings.Repeat("ä", 129) }, wantErr: "at most 128 characters, got 129"},
		{name: "label in capitals", change: func(s *Submission) { s.Labels = map[string]string{"Team": "a"} }, wantErr: `invalid label key "Team"`},
		{name: "label without a key", change: func(s *Submission) { s.Labels = map[string]string{"": "a"} }, wantErr: "invalid label key"},
		{name: "label value with a space", change: func(s *Submission) { s.Labels = map[string]string{"team": "a b"} }, wantErr: `invalid value "a b" of label team`},
		{name: "label of Vertex AI's", change: func(s *Submission) { s.Labels = map[string]string{billingLabel: "1"} }, wantErr: "reserved"},
		{name: "no spec", change: func(s *Submission) { s.Spec = nil }, wantErr: "no pipeline spec"},
		{name: "spec is no object", change: func(s *Submission) { s.Spec = testSpec{json: `[]`} }, wantErr: "encoding the pipeline spec"},
		{name: "parameters do not fit", change: func(s *Submission) { s.Spec = testSpec{checkErr: errors.New("no parameter x")} }, wantErr: "no parameter x"},
		{name: "parameter is no JSON", change: func(s *Submission) { s.Parameters = map[string]any{"x": math.NaN()} }, wantErr: `encoding parameter "x"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, server := validSubmission(), new(service)
			c.change(&s)
			_, err := Submit(t.Context(), inProcess{server}, s)
			if !matches(err, c.wantErr) || !IsKind(err, Invalid) {
				t.Errorf("Submit() error = %v, want %q of kind %q", err, c.wantErr, Invalid)
			}
			if len(server.seen) > 0 {
				t.Error("the request was sent all the same")
			}
		})
	}
}

func TestRequestTellsAllThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := Submission{Spec: testSpec{}}.Request()
	for _, want := range []string{"project", "location", "pipeline root", "service account", "job id"} {
		if !matches(err, "invalid "+want) {
			t.Errorf("Request() error = %v, want it to name the %s", err, want)
		}
	}
}

func TestNewJobID(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 13, 5, 9, 0, time.FixedZone("", 3600))
	cases := []struct{ name, pipeline, want string }{
		{name: "as it is", pipeline: "auth-pipeline-cloudrun", want: "auth-pipeline-cloudrun-20261124120509-"},
		{name: "made fit", pipeline: "My Pipeline!", want: "my-pipeline-20261124120509-"},
		{name: "starts with a digit", pipeline: "2nd", want: "run-2nd-20261124120509-"},
		{name: "nothing left", pipeline: "??", want: "run-20261124120509-"},
		{name: "too long", pipeline: strings.Repeat("a", 200), want: strings.Repeat("a", 108) + "-20261124120509-"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := NewJobID(c.pipeline, now)
			if !strings.HasPrefix(got, c.want) || len(got) != len(c.want)+4 {
				t.Errorf("NewJobID(%q) = %q, want %qXXXX", c.pipeline, got, c.want)
			}
			if err := checkJobID(got); err != nil {
				t.Error(err)
			}
		})
	}
}

func FuzzNewJobID(f *testing.F) {
	f.Add("auth-pipeline-cloudrun")
	f.Add("-9-")
	f.Fuzz(func(t *testing.T, pipeline string) {
		if err := checkJobID(NewJobID(pipeline, time.Unix(0, 0))); err != nil {
			t.Error(err)
		}
	})
}

func TestNewJobIDsOfOneSecondDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 8 {
		seen[NewJobID("p", time.Unix(0, 0))] = true
	}
	if len(seen) < 7 {
		t.Errorf("8 ids of one second, only %d of them distinct", len(seen))
	}
}
