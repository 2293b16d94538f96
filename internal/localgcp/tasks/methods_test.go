package tasks_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// anHour lets a task wait, so that it can be looked at.
func anHour(task *cloudtaskspb.Task) { task.ScheduleTime = timestamppb.New(time.Now().Add(time.Hour)) }

func withToken(email string) func(*cloudtaskspb.Task) {
	return func(task *cloudtaskspb.Task) {
		task.GetHttpRequest().AuthorizationHeader = &cloudtaskspb.HttpRequest_OidcToken{OidcToken: &cloudtaskspb.OidcToken{ServiceAccountEmail: email}}
	}
}

func TestViewsOfATask(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		w.queue(t, &cloudtaskspb.Queue{})
		made := w.task(t, "seen", anHour)
		if made.GetView() != cloudtaskspb.Task_BASIC || made.GetHttpRequest().GetBody() != nil || made.GetHttpRequest().GetHeaders()["User-Agent"] != "Google-Cloud-Tasks" {
			t.Errorf("got %v, want the basic view", made)
		}
		full, err := w.get(t, "seen")
		if err != nil || full.GetView() != cloudtaskspb.Task_FULL || string(full.GetHttpRequest().GetBody()) != "body" {
			t.Errorf("got %v, %v, want the full view", full, err)
		}
		full.GetHttpRequest().Url = "http://changed"
		if again, err := w.get(t, "seen"); err != nil || again.GetHttpRequest().GetUrl() != "https://target.example/seen" {
			t.Errorf("got %v, %v, want that answers are copies", again, err)
		}
		_, err = w.CreateTask(w.as(t, enqueuer), &cloudtaskspb.CreateTaskRequest{Parent: queueName, ResponseView: cloudtaskspb.Task_FULL, Task: &cloudtaskspb.Task{
			MessageType: &cloudtaskspb.Task_HttpRequest{HttpRequest: &cloudtaskspb.HttpRequest{Url: "http://a"}}, ScheduleTime: timestamppb.New(time.Now().Add(time.Hour)),
		}})
		if err != nil {
			t.Errorf("the enqueuer's full view: %v", err)
		}
		_, err = w.GetTask(w.as(t, enqueuer), &cloudtaskspb.GetTaskRequest{Name: taskName("seen")})
		wantCode(t, "the enqueuer looks", err, codes.PermissionDenied, `"cloudtasks.tasks.get" for the resource "`+taskName("seen")+`"`)
	})
}

func TestNamesOfTasks(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		w.queue(t, &cloudtaskspb.Queue{})
		one, other := w.task(t, "", anHour), w.task(t, "", anHour)
		if one.GetName() == other.GetName() || !strings.HasPrefix(one.GetName(), queueName+"/tasks/") {
			t.Errorf("got %s and %s, want names of their own", one.GetName(), other.GetName())
		}
		byNumber := w.task(t, "mine", anHour, func(task *cloudtaskspb.Task) { task.Name = strings.Replace(task.GetName(), "local-project", "123", 1) })
		if byNumber.GetName() != taskName("mine") {
			t.Errorf("got %s, want %s", byNumber.GetName(), taskName("mine"))
		}
		_, err := w.tryTask(t, "mine")
		wantCode(t, "again", err, codes.AlreadyExists, "Requested entity already exists")
		_, err = w.tryTask(t, "x", func(task *cloudtaskspb.Task) { task.Name = queueName + "-other/tasks/x" })
		wantCode(t, "other queue", err, codes.InvalidArgument,
			"The queue name from request ('"+queueName+"') must be the same as the queue name in the named task ('"+queueName+"-other').")
		_, err = w.tryTask(t, "not a valid id")
		wantCode(t, "id", err, codes.InvalidArgument, `Task ID "not a valid id" can contain only letters`)
	})
}

func TestANameIsNotFreeForAnHour(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		w.queue(t, &cloudtaskspb.Queue{})
		const tooRecently = "The task cannot be created because a task with this name existed too recently."
		w.task(t, "sent")
		settle()
		w.task(t, "deleted", anHour)
		if _, err := w.DeleteTask(w.as(t, admin), &cloudtaskspb.DeleteTaskRequest{Name: taskName("deleted")}); err != nil {
			t.Fatal(err)
		}
		for range 2 { // it is known after a restart, too
			for _, id := range []string{"sent", "deleted"} {
				_, err := w.tryTask(t, id)
				wantCode(t, id, err, codes.AlreadyExists, tooRecently)
				_, err = w.DeleteTask(w.as(t, admin), &cloudtaskspb.DeleteTaskRequest{Name: taskName(id)})
				wantCode(t, id, err, codes.NotFound, "The task no longer exists, though")
			}
			w.restart(t)
		}
		pause(time.Hour)
		for _, id := range []string{"sent", "deleted"} {
			_, err := w.get(t, id)
			wantCode(t, id, err, codes.NotFound, "Requested entity was not found.")
			w.task(t, id)
		}
	})
}

func TestCreateTaskRefuses(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		w.queue(t, &cloudtaskspb.Queue{})
		_, err := w.CreateTask(w.as(t, admin), &cloudtaskspb.CreateTaskRequest{Parent: queueName})
		wantCode(t, "no task", err, codes.InvalidArgument, "CreateTaskRequest.task is required.")
		_, err = w.tryTask(t, "", func(task *cloudtaskspb.Task) { task.MessageType = nil })
		wantCode(t, "nothing in it", err, codes.InvalidArgument, "Task.httpRequest is required.")
		_, err = w.tryTask(t, "", func(task *cloudtaskspb.Task) {
			task.MessageType = &cloudtaskspb.Task_AppEngineHttpRequest{AppEngineHttpRequest: &cloudtaskspb.AppEngineHttpRequest{}}
		})
		wantCode(t, "App Engine", err, codes.Unimplemented, "The local Cloud Tasks has no App Engine")
		_, err = w.tryTask(t, "", withToken("none@local-project.iam.gserviceaccount.com"))
		wantCode(t, "no account", err, codes.NotFound, "The service account none@local-project.iam.gserviceaccount.com does not exist in the project of the queue.")
		_, err = w.tryTask(t, "", withToken(foreign))
		wantCode(t, "account of another project", err, codes.NotFound, foreign)
		_, err = w.CreateTask(w.as(t, enqueuer), &cloudtaskspb.CreateTaskRequest{Parent: queueName, Task: &cloudtaskspb.Task{
			MessageType: &cloudtaskspb.Task_HttpRequest{HttpRequest: &cloudtaskspb.HttpRequest{Url: "http://a", AuthorizationHeader: &cloudtaskspb.HttpRequest_OidcToken{
				OidcToken: &cloudtaskspb.OidcToken{ServiceAccountEmail: robot},
			}}},
		}})
		wantCode(t, "actAs", err, codes.PermissionDenied,
			`The principal (user or service account) lacks IAM permission "iam.serviceAccounts.actAs" for the resource "`+robot+`" (or the resource may not exist).`)
		settle()
		if made := w.attempts(); len(made) != 0 {
			t.Errorf("what was refused was sent: %v", made)
		}
	})
}

func TestDeleteTask(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{answer: failing(1, http.StatusInternalServerError)})
		w.queue(t, &cloudtaskspb.Queue{})
		w.task(t, "failed")
		settle()
		if _, err := w.DeleteTask(w.as(t, admin), &cloudtaskspb.DeleteTaskRequest{Name: taskName("failed")}); err != nil {
			t.Fatal(err)
		}
		pause(time.Hour)
		if made := w.attempts(); len(made) != 1 {
			t.Errorf("got %v, want no attempt after it was deleted", made)
		}
		_, err := w.DeleteTask(w.as(t, admin), &cloudtaskspb.DeleteTaskRequest{Name: taskName("never")})
		wantCode(t, "never there", err, codes.NotFound, "Requested entity was not found.")
		_, err = w.DeleteTask(w.as(t, enqueuer), &cloudtaskspb.DeleteTaskRequest{Name: taskName("never")})
		wantCode(t, "permission", err, codes.PermissionDenied, "cloudtasks.tasks.delete")
	})
}

func TestATaskThatIsDeletedWhileItIsUnderWay(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		target := &targets{hold: make(chan struct{}), answer: failing(9, http.StatusInternalServerError)}
		w := newWorld(t, target)
		w.queue(t, &cloudtaskspb.Queue{})
		w.task(t, "held")
		settle()
		if _, err := w.DeleteTask(w.as(t, admin), &cloudtaskspb.DeleteTaskRequest{Name: taskName("held")}); err != nil {
			t.Fatal(err)
		}
		close(target.hold)
		pause(time.Hour)
		if made := w.attempts(); len(made) != 1 {
			t.Errorf("got %v, want the one attempt", made)
		}
	})
}

func TestRunTask(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{answer: failing(1, http.StatusInternalServerError)})
		w.queue(t, &cloudtaskspb.Queue{})
		if _, err := w.PauseQueue(w.as(t, admin), &cloudtaskspb.PauseQueueRequest{Name: queueName}); err != nil {
			t.Fatal(err)
		}
		w.task(t, "now", anHour)
		run := &cloudtaskspb.RunTaskRequest{Name: taskName("now"), ResponseView: cloudtaskspb.Task_FULL}
		got, err := w.RunTask(w.as(t, admin), run)
		if err != nil || got.GetDispatchCount() != 1 || got.GetResponseCount() != 0 || got.GetLastAttempt().GetResponseTime() != nil {
			t.Fatalf("got %v, %v, want it as it is sent", got, err)
		}
		settle()
		failed, err := w.get(t, "now")
		if wait := time.Until(failed.GetScheduleTime().AsTime()); err != nil || wait != 100*time.Millisecond {
			t.Errorf("got %v, %v, want the next attempt after the first backoff", wait, err)
		}
		pause(time.Hour)
		if made := w.attempts(); len(made) != 1 {
			t.Errorf("got %v, want none while the queue is paused", made)
		}
		if _, err := w.RunTask(w.as(t, admin), run); err != nil {
			t.Fatal(err)
		}
		settle()
		_, err = w.RunTask(w.as(t, admin), run)
		wantCode(t, "once it is done", err, codes.NotFound, "")
		_, err = w.RunTask(w.as(t, enqueuer), run)
		wantCode(t, "permission", err, codes.PermissionDenied, "cloudtasks.tasks.run")
	})
}

// A task may be sent while it is under way. The first success ends it; a failure
// brings it back once, when nothing is under way any more.
func TestRunTaskWhileItIsUnderWay(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		target := &targets{hold: make(chan struct{}), answer: failing(2, http.StatusInternalServerError)}
		w := newWorld(t, target)
		w.queue(t, &cloudtaskspb.Queue{})
		w.task(t, "twice")
		settle()
		if _, err := w.RunTask(w.as(t, admin), &cloudtaskspb.RunTaskRequest{Name: taskName("twice")}); err != nil {
			t.Fatal(err)
		}
		settle()
		if made := w.attempts(); len(made) != 2 {
			t.Fatalf("got %v, want two under way", made)
		}
		close(target.hold)
		pause(time.Hour)
		if made := w.attempts(); len(made) != 3 {
			t.Errorf("got %d attempts, want one more", len(made))
		}
	})
}

func TestListTasks(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		w.queue(t, &cloudtaskspb.Queue{})
		for _, id := range []string{"b", "c", "a"} {
			w.task(t, id, anHour)
		}
		first, err := w.ListTasks(w.as(t, admin), &cloudtaskspb.ListTasksRequest{Parent: queueName, PageSize: 2})
		if err != nil || len(first.GetTasks()) != 2 || first.GetTasks()[0].GetName() != taskName("a") || first.GetTasks()[0].GetHttpRequest().GetBody() != nil {
			t.Fatalf("got %v, %v, want the first two in their basic view", first, err)
		}
		rest, err := w.ListTasks(w.as(t, admin), &cloudtaskspb.ListTasksRequest{
			Parent: queueName, PageToken: first.GetNextPageToken(), ResponseView: cloudtaskspb.Task_FULL,
		})
		if err != nil || len(rest.GetTasks()) != 1 || string(rest.GetTasks()[0].GetHttpRequest().GetBody()) != "body" || rest.GetNextPageToken() != "" {
			t.Errorf("got %v, %v, want the last in full", rest, err)
		}
		_, err = w.ListTasks(w.as(t, admin), &cloudtaskspb.ListTasksRequest{Parent: queueName, PageSize: -1})
		wantCode(t, "page size", err, codes.InvalidArgument, "Invalid page size")
		_, err = w.ListTasks(w.as(t, stranger), &cloudtaskspb.ListTasksRequest{Parent: queueName})
		wantCode(t, "permission", err, codes.PermissionDenied, "cloudtasks.tasks.list")
	})
}
