package vertex

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
)

// Attempts are the names of the custom jobs that ran a task, the first attempt
// first. A task that runs nothing itself has none.
func Attempts(task *aiplatformpb.PipelineTaskDetail) []string {
	detail := task.GetExecutorDetail().GetContainerDetail()
	attempts := slices.Clone(detail.GetFailedMainJobs())
	if last := detail.GetMainJob(); last != "" && !slices.Contains(attempts, last) {
		attempts = append(attempts, last)
	}
	return attempts
}

// LogFilter finds in Cloud Logging what a custom job has printed. Without the
// time, the console and gcloud look no further back than an hour and a day.
func LogFilter(customJob string, start time.Time) string {
	return fmt.Sprintf(`resource.type="ml_job" resource.labels.job_id=%q timestamp>=%q`,
		path.Base(customJob), start.UTC().Format(time.RFC3339))
}

// LogURL is the page of the Google Cloud console that shows what a filter finds.
func LogURL(project, filter string) string {
	return "https://console.cloud.google.com/logs/query;query=" + strings.ReplaceAll(url.QueryEscape(filter), "+", "%20") + "?project=" + url.QueryEscape(project)
}
