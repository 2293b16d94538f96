package conformance

import (
	"encoding/base64"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	inRegion = " --location us-central1 "
	inQueue  = inRegion + "--queue jobs "
	// tasksAgent is Cloud Tasks' service agent.
	tasksAgent = "serviceAccount:service-123456789012@gcp-sa-cloudtasks.iam.gserviceaccount.com"
)

func TestGcloudManagesQueues(t *testing.T) {
	t.Parallel()
	g := newGcloud(t, localUp(t))
	g.run(t, "tasks queues create jobs"+inRegion+"--max-dispatches-per-second 10 --max-concurrent-dispatches 7", "Created queue [us-central1/jobs].")
	g.fails(t, "tasks queues create jobs"+inRegion, "Queue already exists")
	g.run(t, "tasks queues describe jobs"+inRegion, "name: projects/local-project/locations/us-central1/queues/jobs",
		"maxDispatchesPerSecond: 10.0", "maxConcurrentDispatches: 7", "maxBurstSize: 10", "maxAttempts: 100", "maxBackoff: 3600s",
		"maxDoublings: 16", "minBackoff: 0.100s", "state: RUNNING")
	g.run(t, "tasks queues update jobs"+inRegion+"--max-attempts 5 --max-retry-duration 60s --min-backoff 2s", "Updated queue [us-central1/jobs].")
	g.run(t, "tasks queues update jobs"+inRegion+"--clear-max-dispatches-per-second", "Updated queue [us-central1/jobs].")
	g.run(t, "tasks queues describe jobs"+inRegion, "maxDispatchesPerSecond: 500.0", "maxConcurrentDispatches: 7", "maxAttempts: 5", "maxRetryDuration: 60s", "minBackoff: 2s")
	g.fails(t, "tasks queues update jobs"+inRegion+"--max-dispatches-per-second 501", "RateLimits.maxDispatchesPerSecond must be less than or equal to 500.")
	g.run(t, "tasks queues pause jobs"+inRegion, "Paused queue [us-central1/jobs].")
	g.run(t, "tasks queues list"+inRegion, "jobs", "PAUSED")
	g.run(t, "tasks queues resume jobs"+inRegion, "Resumed queue [us-central1/jobs].")
	g.run(t, "tasks queues purge jobs"+inRegion, "Purged queue [us-central1/jobs].")
	g.run(t, "tasks queues describe jobs"+inRegion, "purgeTime:", "state: RUNNING")
	g.run(t, "tasks queues add-iam-policy-binding jobs"+inRegion+"--role roles/cloudtasks.enqueuer --member serviceAccount:"+caller, "Updated IAM policy for queue [jobs].")
	g.run(t, "tasks queues get-iam-policy jobs"+inRegion, "serviceAccount:"+caller)
	g.run(t, "tasks queues remove-iam-policy-binding jobs"+inRegion+"--role roles/cloudtasks.enqueuer --member serviceAccount:"+caller, "Updated IAM policy for queue [jobs].")
	g.run(t, "tasks queues delete jobs"+inRegion, "Deleted queue [us-central1/jobs].")
	g.fails(t, "tasks queues describe jobs"+inRegion, "Queue does not exist. If you just created the queue, wait at least a minute for the queue to initialize.")
	g.fails(t, "tasks queues create jobs"+inRegion, "The queue cannot be created because a queue with this name existed too recently.")
}

func TestGcloudManagesTasks(t *testing.T) {
	t.Parallel()
	in := newInbox(t)
	g, url := newGcloud(t, in.google), in.url(t)
	g.run(t, "tasks queues create jobs"+inRegion)
	g.run(t, "tasks queues pause jobs"+inRegion)
	create := "tasks create-http-task one" + inQueue + "--url " + url + "/work?n=1 --body-content hello --header Content-Type:text/plain" +
		" --oidc-service-account-email " + caller + " --oidc-token-audience " + url
	g.run(t, create, "Created task [projects/local-project/locations/us-central1/queues/jobs/tasks/one].")
	g.fails(t, create, "Requested entity already exists")
	g.run(t, "tasks list"+inQueue, "one", "http")
	g.run(t, "tasks describe one"+inQueue, "serviceAccountEmail: "+caller, "dispatchDeadline: 600s", "view: BASIC")
	g.run(t, "tasks describe one"+inQueue+"--response-view full", "body: "+base64.StdEncoding.EncodeToString([]byte("hello")))
	g.run(t, "tasks queues resume jobs"+inRegion)
	got := in.next(t)
	if got.path != "/work" || got.body != "hello" || emailOf(t, got) != caller {
		t.Errorf("got %s %q of %s, want what was created, by %s", got.path, got.body, emailOf(t, got), caller)
	}
	for name, want := range map[string]string{
		"User-Agent": "Google-Cloud-Tasks", "Content-Type": "text/plain", "X-CloudTasks-QueueName": "jobs", "X-CloudTasks-TaskName": "one",
		"X-CloudTasks-TaskRetryCount": "0", "X-CloudTasks-TaskExecutionCount": "0",
	} {
		if value := got.header.Get(name); value != want {
			t.Errorf("%s: got %q, want %q", name, value, want)
		}
	}

	due := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	later := inQueue + "--schedule-time " + due + " --method put --oidc-service-account-email " + caller + " --oidc-token-audience " + url + " --url " + url
	for _, id := range []string{"two", "three", "four"} {
		g.run(t, "tasks create-http-task "+id+later+"/"+id, "Created task")
	}
	g.run(t, "tasks run two"+inQueue, "dispatchCount: 1", "httpMethod: PUT", "scheduleTime: '"+due+"'")
	if got := in.next(t); got.path != "/two" {
		t.Errorf("got %s, want the task that was run", got.path)
	}
	g.run(t, "tasks delete three"+inQueue, "Deleted task [three].")
	g.fails(t, "tasks describe three"+inQueue, "The task no longer exists, though a task with this name existed recently.")
	in.google.advance(t, "24h")
	if got := in.next(t); got.path != "/four" {
		t.Errorf("got %s, want the task whose time has come", got.path)
	}
}

// A queue that says where its tasks go needs no more than a body.
func TestGcloudBuffersIntoAQueueThatKnowsItsTarget(t *testing.T) {
	t.Parallel()
	in := newInbox(t)
	g, target := newGcloud(t, in.google), in.url(t)
	host, port, err := net.SplitHostPort(strings.TrimPrefix(target, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	g.run(t, "tasks queues create jobs"+inRegion+"--http-uri-override scheme:http,host:"+host+",port:"+port+",path:/buffered --http-method-override PUT"+
		" --http-header-override X-Own:kept --http-oidc-service-account-email-override "+caller+" --http-oidc-token-audience-override "+target)
	g.run(t, "tasks queues describe jobs"+inRegion, "host: "+host, "path: /buffered", "scheme: HTTP", "audience: "+target, "httpMethod: PUT")
	g.run(t, "tasks buffer"+inQueue+"--task-id mine", "Buffered task in queue [us-central1/jobs].")
	if got := in.next(t); got.path != "/buffered" || got.header.Get("X-Own") != "kept" || got.header.Get("X-CloudTasks-TaskName") != "mine" || emailOf(t, got) != caller {
		t.Errorf("got %s %v, want what the queue says", got.path, got.header)
	}
	g.run(t, "tasks buffer"+inQueue, "Buffered task in queue [us-central1/jobs].")
	if got := in.next(t); got.header.Get("X-CloudTasks-TaskName") == "mine" {
		t.Error("got the task again, want another")
	}
	g.fails(t, "tasks buffer"+inQueue+"--task-id mine", "a task with this name existed too recently")
}

// Each right that lacks is told, and giving it mends the task.
func TestGcloudIsRefusedByTasks(t *testing.T) {
	t.Parallel()
	in := newInbox(t)
	g, url := newGcloud(t, in.google), in.url(t)
	const fresh = "fresh-one@local-project.iam.gserviceaccount.com"
	g.run(t, "iam service-accounts create fresh-one")
	g.run(t, "tasks queues create jobs"+inRegion+"--min-backoff 3600s")
	create := func(id string) string {
		return "tasks create-http-task " + id + inQueue + "--url " + url + "/" + id + " --oidc-service-account-email " + fresh + " --oidc-token-audience " + url
	}

	g.fails(t, create("one"), `lacks IAM permission "iam.serviceAccounts.actAs" for the resource "`+fresh+`"`)
	g.run(t, "iam service-accounts add-iam-policy-binding "+fresh+" --role roles/iam.serviceAccountUser --member user:developer@example.com")
	g.run(t, create("one"))
	g.until(t, "tasks describe one"+inQueue, "PERMISSION_DENIED(7): HTTP status code 403")
	g.run(t, "run services add-iam-policy-binding inbox --region us-central1 --role roles/run.invoker --member serviceAccount:"+fresh)
	in.google.advance(t, "1h")
	if got := in.next(t); got.path != "/one" || got.header.Get("X-CloudTasks-TaskPreviousResponse") != "403" || emailOf(t, got) != fresh {
		t.Errorf("got %s %v, want the second attempt", got.path, got.header)
	}

	const agent = " --role roles/cloudtasks.serviceAgent --member " + tasksAgent
	g.run(t, "projects remove-iam-policy-binding local-project"+agent)
	g.run(t, create("two"))
	g.until(t, "tasks describe two"+inQueue, "PERMISSION_DENIED(7): service agent", "iam.serviceAccounts.getOpenIdToken")
	g.run(t, "projects add-iam-policy-binding local-project"+agent)
	g.run(t, "tasks run two"+inQueue)
	if got := in.next(t); got.path != "/two" {
		t.Errorf("got %s, want the task once its token can be made", got.path)
	}

	g.run(t, "projects remove-iam-policy-binding local-project --role roles/cloudtasks.admin --member user:developer@example.com")
	g.fails(t, create("three"), `lacks IAM permission "cloudtasks.tasks.create" for the resource "projects/local-project/locations/us-central1/queues/jobs"`)
}

// until runs the command until it says all of the texts.
func (g gcloudCLI) until(t *testing.T, command string, wants ...string) {
	t.Helper()
	late := time.Now().Add(patience)
	for {
		out := g.run(t, command)
		if !slices.ContainsFunc(wants, func(want string) bool { return !strings.Contains(out, want) }) {
			return
		}
		if time.Now().After(late) {
			t.Fatalf("gcloud %s said %q, want %q in it", command, out, wants)
		}
	}
}
