package vertex

import (
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/google/go-cmp/cmp"
)

func TestAttempts(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		main string
		lost []string
		want []string
	}{
		{name: "none"},
		{name: "one", main: "customJobs/1", want: []string{"customJobs/1"}},
		{name: "after others", main: "customJobs/3", lost: []string{"customJobs/1", "customJobs/2"}, want: []string{"customJobs/1", "customJobs/2", "customJobs/3"}},
		{name: "the last one failed too", main: "customJobs/2", lost: []string{"customJobs/1", "customJobs/2"}, want: []string{"customJobs/1", "customJobs/2"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			task := &aiplatformpb.PipelineTaskDetail{ExecutorDetail: &aiplatformpb.PipelineTaskExecutorDetail{
				Details: &aiplatformpb.PipelineTaskExecutorDetail_ContainerDetail_{ContainerDetail: &aiplatformpb.PipelineTaskExecutorDetail_ContainerDetail{
					MainJob: c.main, FailedMainJobs: c.lost,
				}},
			}}
			if diff := cmp.Diff(c.want, Attempts(task)); diff != "" {
				t.Errorf("Attempts() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhereLogsAre(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 24, 13, 0, 1, 0, time.FixedZone("", 3600))
	filter := LogFilter("projects/1/locations/us-central1/customJobs/42", start)
	if want := `resource.type="ml_job" resource.labels.job_id="42" timestamp>="2026-11-24T12:00:01Z"`; filter != want {
		t.Errorf("LogFilter() = %s, want %s", filter, want)
	}
	address := LogURL("my-project", filter)
	if !strings.HasPrefix(address, "https://console.cloud.google.com/logs/query;query=resource.type%3D%22ml_job%22%20") || !strings.HasSuffix(address, "?project=my-project") {
		t.Errorf("LogURL() = %s", address)
	}
}
