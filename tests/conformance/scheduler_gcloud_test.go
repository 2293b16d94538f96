package conformance

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/authcall/authcall/pipelines"
)

const (
	// schedulerAgent is Cloud Scheduler's service agent.
	schedulerAgent = "serviceAccount:service-123456789012@gcp-sa-cloudscheduler.iam.gserviceaccount.com"

	inLocation = " --location us-central1 "
)

func TestGcloudSchedulesCallsOfCloudRun(t *testing.T) {
	t.Parallel()
	in := newInbox(t)
	g, url := newGcloud(t, in.google), in.url(t)
	schedule(t, g, "scheduler jobs create http nightly"+inLocation+"--uri "+url+"/work --message-body hello --headers X-Own=kept --attempt-deadline 60s"+
		" --oidc-service-account-email "+caller+" --oidc-token-audience "+url+" --time-zone Asia/Tokyo")
	describe := "scheduler jobs describe nightly" + inLocation
	g.run(t, describe, "attemptDeadline: 60s", "audience: "+url, "serviceAccountEmail: "+caller, "schedule: "+nightly(),
		"state: ENABLED", "timeZone: Asia/Tokyo", "httpMethod: POST", "maxBackoffDuration: 3600s")
	g.run(t, "scheduler jobs list"+inLocation, "nightly", nightly()+" (Asia/Tokyo)", "HTTP", "ENABLED")

	g.run(t, "scheduler jobs run nightly"+inLocation)
	checkNightly(t, in.next(t), "/work", url)
	g.run(t, "scheduler jobs update http nightly"+inLocation+"--uri "+url+"/later --update-headers X-Own=changed", "uri: "+url+"/later", "X-Own: changed")
	in.google.advance(t, "24h")
	if got := in.next(t); got.path != "/later" || got.header.Get("X-Own") != "changed" {
		t.Errorf("got %s with %v, want what the update says", got.path, got.header)
	}

	g.run(t, "scheduler jobs pause nightly"+inLocation, "Job has been paused.")
	g.run(t, describe, "state: PAUSED")
	g.fails(t, "scheduler jobs pause nightly"+inLocation, "FAILED_PRECONDITION")
	in.google.advance(t, "24h")
	g.run(t, "scheduler jobs resume nightly"+inLocation, "Job has been resumed.")
	if out := g.run(t, "scheduler jobs update http nightly"+inLocation+"--clear-auth-token --clear-headers --http-method put", "httpMethod: PUT"); strings.Contains(out, "oidcToken") || strings.Contains(out, "X-Own") {
		t.Errorf("got %s, want no token and no header", out)
	}
	g.run(t, "scheduler jobs delete nightly"+inLocation, "Deleted job [nightly].")
	g.fails(t, describe, "NOT_FOUND: Job not found.")
	if n := len(in.received); n != 0 {
		t.Errorf("got %d calls of a paused job", n)
	}
}

// nightly is due hours from now, in UTC and in a zone that has no summer time: never
// while a test runs, and once in the day that it advances.
func nightly() string { return fmt.Sprintf("0 %d * * *", (time.Now().UTC().Hour()+12)%24) }

// schedule makes a job that is due every night.
func schedule(t *testing.T, g gcloudCLI, command string) {
	t.Helper()
	if out, err := g.try(t, command, "--schedule", nightly()); err != nil {
		t.Fatalf("gcloud %s: %v\n%s", command, err, out)
	}
}

func checkNightly(t *testing.T, got letter, path, audience string) {
	t.Helper()
	if got.path != path || got.body != "hello" || emailOf(t, got) != caller {
		t.Errorf("got %s %q of %s, want %s hello of %s", got.path, got.body, emailOf(t, got), path, caller)
	}
	want := map[string]string{
		"User-Agent": "Google-Cloud-Scheduler", "X-CloudScheduler": "true", "X-CloudScheduler-JobName": "nightly", "X-Own": "kept",
		"Content-Type": "application/octet-stream",
	}
	for name, value := range want {
		if got.header.Get(name) != value {
			t.Errorf("%s: got %q, want %q", name, got.header.Get(name), value)
		}
	}
	if at, err := time.Parse(time.RFC3339, got.header.Get("X-CloudScheduler-ScheduleTime")); err != nil || at.IsZero() {
		t.Errorf("X-CloudScheduler-ScheduleTime: %v", err)
	}
}

// What is missing in IAM fails the attempt, as the job then tells.
func TestGcloudSeesWhatAScheduledCallLacks(t *testing.T) {
	t.Parallel()
	in := newInbox(t)
	g, url := newGcloud(t, in.google), in.url(t)
	create := "scheduler jobs create http probe" + inLocation + "--uri " + url + "/work --oidc-token-audience " + url + " --oidc-service-account-email "
	schedule(t, g, create+caller)
	if out, err := g.try(t, create+"service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com", "--schedule", nightly()); err == nil ||
		!strings.Contains(out, `lacks IAM permission "iam.serviceAccounts.actAs"`) {
		t.Errorf("got %v, %s, want that the developer may not act as another's agent", err, out)
	}
	status := func(want string) {
		t.Helper()
		g.run(t, "scheduler jobs run probe"+inLocation)
		for t.Context().Err() == nil {
			out := g.run(t, "scheduler jobs describe probe"+inLocation+"--format json")
			var job struct{ Status *struct{ Message string } }
			if err := json.Unmarshal([]byte(out), &job); err != nil {
				t.Fatal(err)
			}
			if job.Status != nil && (job.Status.Message == "") == (want == "") && strings.Contains(job.Status.Message, want) {
				return
			}
		}
		t.Errorf("the job never told %q", want)
	}
	status("")
	in.next(t)
	const agentRole = " --member " + schedulerAgent + " --role roles/cloudscheduler.serviceAgent"
	g.run(t, "projects remove-iam-policy-binding local-project"+agentRole)
	status("want a binding of roles/cloudscheduler.serviceAgent on the project")
	g.run(t, "projects add-iam-policy-binding local-project"+agentRole)
	g.run(t, "run services remove-iam-policy-binding inbox --region us-central1 --member serviceAccount:"+caller+" --role roles/run.invoker")
	status("the target answered 403 Forbidden")
	if n := len(in.received); n != 0 {
		t.Errorf("the service got %d calls that lack something", n)
	}
}

// A job that calls Vertex AI's own address, with a compiled spec as its body, starts
// a run.
func TestGcloudSchedulesAPipeline(t *testing.T) {
	t.Parallel()
	google := localUp(t)
	g := newGcloud(t, google)
	const location = "projects/local-project/locations/us-central1"
	schedule(t, g, "scheduler jobs create http pipeline"+inLocation+
		"--uri https://us-central1-aiplatform.googleapis.com/v1/"+location+"/pipelineJobs?pipelineJobId=from-scheduler"+
		" --message-body-from-file "+pipelineBody(t, google)+" --headers Content-Type=application/json"+
		" --oauth-service-account-email pipeline@local-project.iam.gserviceaccount.com")
	google.advance(t, "24h")
	out := watchRun(t, google, "from-scheduler")
	if out.State != "PIPELINE_STATE_SUCCEEDED" || out.Name != location+"/pipelineJobs/from-scheduler" {
		t.Errorf("got %+v, want a run that succeeded", out)
	}
	g.fails(t, "scheduler jobs create http elsewhere"+inLocation+"--schedule @hourly --uri "+google.value(t, "AUTHPIPE_LOCAL_URL_HELLO"),
		"INVALID_ARGUMENT: Schedule or time zone is invalid.")
}

func TestGcloudSchedulesMessages(t *testing.T) {
	t.Parallel()
	google := localUp(t)
	g := newGcloud(t, google)
	g.run(t, "pubsub topics create news")
	g.run(t, "pubsub subscriptions create reader --topic news")
	schedule(t, g, "scheduler jobs create pubsub tick"+inLocation+"--topic news --message-body hello --attributes kind=greeting")
	g.run(t, "scheduler jobs describe tick"+inLocation, "topicName: projects/local-project/topics/news", "kind: greeting")
	google.advance(t, "24h")
	for t.Context().Err() == nil {
		if out := g.run(t, "pubsub subscriptions pull reader --auto-ack --format json"); strings.Contains(out, base64.StdEncoding.EncodeToString([]byte("hello"))) {
			return
		}
	}
}

// pipelineBody is a file with a pipeline job whose step calls the example service.
func pipelineBody(t *testing.T, google *localGoogle) string {
	t.Helper()
	spec, err := pipelines.Builtin("cloudrun")
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{
		"displayName":    "from-scheduler",
		"pipelineSpec":   spec,
		"serviceAccount": "pipeline@local-project.iam.gserviceaccount.com",
		"runtimeConfig": map[string]any{
			"gcsOutputDirectory": "gs://local-bucket/runs",
			"parameterValues":    map[string]any{"url": google.value(t, "AUTHPIPE_LOCAL_URL_HELLO"), "service_account": caller},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "job.json")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// pipelineRun is what the pipeline service tells of a run.
type pipelineRun struct{ Name, State string }

// watchRun polls for a run's end over REST; there may be none yet.
func watchRun(t *testing.T, google *localGoogle, id string) pipelineRun {
	t.Helper()
	token, err := os.ReadFile(google.value(t, "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"))
	if err != nil {
		t.Fatal(err)
	}
	url := google.value(t, "CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM") + "v1/projects/local-project/locations/us-central1/pipelineJobs/" + id
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var run pipelineRun
		getJSON(t, url, string(token), &run)
		if strings.HasSuffix(run.State, "SUCCEEDED") || strings.HasSuffix(run.State, "FAILED") {
			return run
		}
		select {
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-tick.C:
		}
	}
}

func getJSON(t *testing.T, url, token string, into any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}
