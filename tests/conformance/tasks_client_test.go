package conformance

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	cloudtasks "cloud.google.com/go/cloudtasks/apiv2"
	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"cloud.google.com/go/iam/apiv1/iampb"
	"golang.org/x/oauth2"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

const jobsQueue = "projects/local-project/locations/us-central1/queues/jobs"

// developer is the file with the developer's access token, which is another one when
// an hour has gone.
type developer string

func (d developer) Token() (*oauth2.Token, error) {
	data, err := os.ReadFile(string(d))
	return &oauth2.Token{AccessToken: strings.TrimSpace(string(data)), Expiry: time.Now()}, err // so that it is read each time
}

func (d developer) GetRequestMetadata(ctx context.Context, uri ...string) (map[string]string, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	return bearer(token.AccessToken).GetRequestMetadata(ctx, uri...)
}

func (developer) RequireTransportSecurity() bool { return false }

// tasksClients are Google's clients with the developer's token.
func tasksClients() map[string]func(t *testing.T, g *localGoogle) *cloudtasks.Client {
	return map[string]func(t *testing.T, g *localGoogle) *cloudtasks.Client{
		"gRPC": func(t *testing.T, g *localGoogle) *cloudtasks.Client {
			return closing(t)(cloudtasks.NewClient(t.Context(),
				option.WithEndpoint(g.value(t, "AUTHPIPE_TASKS_ENDPOINT")),
				option.WithoutAuthentication(), // of the client's own, which wants TLS
				option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
				option.WithGRPCDialOption(grpc.WithPerRPCCredentials(developer(g.value(t, "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"))))))
		},
		"REST": func(t *testing.T, g *localGoogle) *cloudtasks.Client {
			return closing(t)(cloudtasks.NewRESTClient(t.Context(),
				option.WithEndpoint(strings.TrimSuffix(g.value(t, "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDTASKS"), "/")),
				option.WithTokenSource(developer(g.value(t, "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE")))))
		},
	}
}

func closing(t *testing.T) func(*cloudtasks.Client, error) *cloudtasks.Client {
	return func(c *cloudtasks.Client, err error) *cloudtasks.Client {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
}

// work is a task as people make them in Go: a POST with an ID token of an account.
func work(url, account string) *cloudtaskspb.Task {
	return &cloudtaskspb.Task{MessageType: &cloudtaskspb.Task_HttpRequest{HttpRequest: &cloudtaskspb.HttpRequest{
		HttpMethod: cloudtaskspb.HttpMethod_POST,
		Url:        url,
		Body:       []byte("hello"),
		AuthorizationHeader: &cloudtaskspb.HttpRequest_OidcToken{
			OidcToken: &cloudtaskspb.OidcToken{ServiceAccountEmail: account},
		},
	}}}
}

func createQueue(t *testing.T, c *cloudtasks.Client) {
	t.Helper()
	parent, _, _ := strings.Cut(jobsQueue, "/queues/")
	if _, err := c.CreateQueue(t.Context(), &cloudtaskspb.CreateQueueRequest{Parent: parent, Queue: &cloudtaskspb.Queue{Name: jobsQueue}}); err != nil {
		t.Fatal(err)
	}
}

// A service that is busy for an hour gets its task after it, once.
func TestGoClientEnqueuesATaskWithAnIDToken(t *testing.T) {
	t.Parallel()
	for name, newClient := range tasksClients() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := newInbox(t)
			client := newClient(t, in.google)
			createQueue(t, client)
			in.busy.Store(1)
			made, err := client.CreateTask(t.Context(), &cloudtaskspb.CreateTaskRequest{Parent: jobsQueue, Task: work(in.url(t), caller)})
			if err != nil {
				t.Fatal(err)
			}
			if got := in.next(t); got.body != "hello" || emailOf(t, got) != caller || got.header.Get("X-CloudTasks-TaskRetryCount") != "0" {
				t.Errorf("got %q of %s, %v, want the first attempt by %s", got.body, emailOf(t, got), got.header, caller)
			}
			failed := attempted(t, client, made.GetName())
			if wait := failed.GetScheduleTime().AsTime().Sub(failed.GetLastAttempt().GetResponseTime().AsTime()); wait != time.Hour {
				t.Errorf("the next attempt comes after %v, want the hour that was asked for", wait)
			}
			if s := failed.GetLastAttempt().GetResponseStatus(); s.GetMessage() != "UNAVAILABLE(14): HTTP status code 503" {
				t.Errorf("got the status %v, want the 503", s)
			}
			in.google.advance(t, "1h")
			if got := in.next(t); got.header.Get("X-CloudTasks-TaskRetryCount") != "1" || got.header.Get("X-CloudTasks-TaskPreviousResponse") != "503" {
				t.Errorf("got %v, want the second attempt", got.header)
			}
			gone(t, client, made.GetName()) // or the day would be over before the answer is there
			in.google.advance(t, "24h")
			if n := len(in.received); n != 0 {
				t.Errorf("got %d requests after the success", n)
			}
		})
	}
}

// patience is how long a test waits for what comes at once.
const patience = time.Minute

// attempted waits for the answer to a task's attempt.
func attempted(t *testing.T, c *cloudtasks.Client, name string) *cloudtaskspb.Task {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		task, err := c.GetTask(ctx, &cloudtaskspb.GetTaskRequest{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		if task.GetLastAttempt().GetResponseTime() != nil {
			return task
		}
	}
}

// gone waits until a task has succeeded.
func gone(t *testing.T, c *cloudtasks.Client, name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		_, err := c.GetTask(ctx, &cloudtaskspb.GetTaskRequest{Name: name})
		if status.Code(err) == codes.NotFound {
			return
		}
		if err != nil && status.Code(err) != codes.Unauthenticated { // a new token is on its way into the file
			t.Fatal(err)
		}
	}
}

func TestGoClientManagesTasks(t *testing.T) {
	t.Parallel()
	for name, newClient := range tasksClients() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, localUp(t))
			createQueue(t, client)
			ctx := t.Context()
			if q, err := client.PauseQueue(ctx, &cloudtaskspb.PauseQueueRequest{Name: jobsQueue}); err != nil || q.GetState() != cloudtaskspb.Queue_PAUSED {
				t.Fatalf("got %v, %v, want it paused", q, err)
			}
			batch := &cloudtaskspb.BatchCreateTasksRequest{Parent: jobsQueue}
			for range 5 {
				batch.Requests = append(batch.Requests, &cloudtaskspb.CreateTaskRequest{Parent: jobsQueue, Task: work("https://example.com/", caller)})
			}
			creating, err := client.BatchCreateTasks(ctx, batch)
			if err != nil {
				t.Fatal(err)
			}
			if created, err := creating.Wait(ctx); err != nil || len(created.GetTasks()) != 5 {
				t.Fatalf("got %v, %v, want five tasks", created, err)
			}
			var names []string
			for it := client.ListTasks(ctx, &cloudtaskspb.ListTasksRequest{Parent: jobsQueue, PageSize: 2}); ; {
				task, err := it.Next()
				if err == iterator.Done { //nolint:errorlint // the iterator returns it as it is
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				names = append(names, task.GetName())
			}
			if len(names) != 5 {
				t.Errorf("got %q, want five tasks in pages", names)
			}
			if err := client.DeleteTask(ctx, &cloudtaskspb.DeleteTaskRequest{Name: names[0]}); err != nil {
				t.Error(err)
			}
			deleting, err := client.BatchDeleteTasks(ctx, &cloudtaskspb.BatchDeleteTasksRequest{Parent: jobsQueue, Names: names[:2]})
			if err != nil {
				t.Fatal(err)
			}
			if err := deleting.Wait(ctx); err != nil {
				t.Error(err)
			}
			if told, err := deleting.Metadata(); err != nil || len(told.GetFailedRequests()) != 1 {
				t.Errorf("got %v, %v, want that the first was deleted before", told, err)
			}
			held, err := client.TestIamPermissions(ctx, &iampb.TestIamPermissionsRequest{Resource: jobsQueue, Permissions: []string{"cloudtasks.tasks.create", "cloudtasks.nothing"}})
			if err != nil || len(held.GetPermissions()) != 1 {
				t.Errorf("got %v, %v, want one permission", held, err)
			}
			if err := client.DeleteQueue(ctx, &cloudtaskspb.DeleteQueueRequest{Name: jobsQueue}); err != nil {
				t.Error(err)
			}
			gone(t, client, names[1])
		})
	}
}

func TestGoClientIsToldWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, newClient := range tasksClients() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, localUp(t))
			create := func(task *cloudtaskspb.Task) error {
				_, err := client.CreateTask(t.Context(), &cloudtaskspb.CreateTaskRequest{Parent: jobsQueue, Task: task})
				return err
			}
			told := func(what string, err error, code codes.Code, message string) {
				t.Helper()
				if s := status.Convert(err); s.Code() != code || !strings.Contains(err.Error(), message) {
					t.Errorf("%s: got %v (%s), want %s with %q", what, err, s.Code(), code, message)
				}
			}
			told("no queue", create(work("https://example.com/", caller)), codes.NotFound, "Queue does not exist. If you just created the queue, wait at least a minute for the queue to initialize.")
			createQueue(t, client)
			told("no target", create(&cloudtaskspb.Task{}), codes.InvalidArgument, "Task.httpRequest is required.")
			told("actAs", create(work("https://example.com/", "stranger@local-project.iam.gserviceaccount.com")), codes.PermissionDenied, `lacks IAM permission "iam.serviceAccounts.actAs"`)
			told("App Engine", create(&cloudtaskspb.Task{MessageType: &cloudtaskspb.Task_AppEngineHttpRequest{AppEngineHttpRequest: &cloudtaskspb.AppEngineHttpRequest{}}}),
				codes.Unimplemented, "no App Engine")
		})
	}
}
