package pipelineservice

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/authcall/authcall/internal/localrun"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// script is a runner that tells of tasks and then ends with an error or none.
func script(err error, tasks ...localrun.Task) runnerFunc {
	return func(_ context.Context, run Run) error {
		for _, task := range tasks {
			run.Observer.TaskChanged(task)
		}
		return err
	}
}

var (
	noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	// pipelineTask is the outermost task of every run.
	pipelineTask = localrun.Task{ID: 1, Name: "job", DisplayName: "one-call", State: localrun.Running, Create: noon, Start: noon}
)

func TestTaskDetails(t *testing.T) {
	t.Parallel()
	call := localrun.Task{
		ID: 2, ParentID: 1, Name: "call", DisplayName: "Call the service", Create: noon, State: localrun.Pending,
	}
	started := call
	started.State, started.Start = localrun.Running, noon.Add(time.Second)
	started.Inputs.Parameters = map[string]any{"url": "http://127.0.0.1/", "timeout_seconds": 300, "headers": map[string]any{"A": "b"}}
	done := started
	done.State, done.End = localrun.Succeeded, noon.Add(2*time.Second)
	done.Outputs = localrun.Values{
		Parameters: map[string]any{"status_code": 200, "result": ""},
		Artifacts: map[string][]localrun.Artifact{"response": {{
			Name: "projects/p/artifacts/1", Type: "system.Artifact", URI: "gs://bucket/root/job/call/response",
			Metadata: map[string]any{"status_code": 200, "headers": map[string]string{"A": "b"}},
		}}},
	}
	inner := localrun.Task{ID: 4, ParentID: 3, Name: "inner", State: localrun.NotTriggered, Create: noon}
	s := newService(t, t.TempDir(), script(nil, pipelineTask, call, started, done,
		localrun.Task{ID: 3, ParentID: 1, Name: "condition-1", State: localrun.Succeeded, Create: noon, Start: noon, End: noon}, inner))
	s.now = func() time.Time { return noon.Add(time.Hour) }
	job := waitFor(t, s, create(t, s, "job").GetName())
	if job.GetState() != aiplatformpb.PipelineState_PIPELINE_STATE_SUCCEEDED || job.GetError() != nil {
		t.Fatalf("job ended as %v: %v", job.GetState(), job.GetError())
	}
	golden(t, "details.json", job.GetJobDetail())
}

func golden(t *testing.T, name string, got *aiplatformpb.PipelineJobDetail) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(protojson.Format(got)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := new(aiplatformpb.PipelineJobDetail)
	if err := protojson.Unmarshal(data, want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestHowJobsEnd(t *testing.T) {
	t.Parallel()
	broken := errors.New("exit code 3: no permission")
	failedTask := localrun.Task{ID: 2, ParentID: 1, Name: "call", State: localrun.Failed, Err: broken}
	failedRoot := pipelineTask
	failedRoot.State, failedRoot.Err = localrun.Failed, broken
	cases := []struct {
		name    string
		runner  runnerFunc
		want    aiplatformpb.PipelineState
		code    codes.Code
		message string
	}{
		{name: "success", runner: succeed, want: aiplatformpb.PipelineState_PIPELINE_STATE_SUCCEEDED},
		{
			name: "a failed task", runner: script(broken, pipelineTask, failedTask, failedRoot),
			want: aiplatformpb.PipelineState_PIPELINE_STATE_FAILED, code: codes.FailedPrecondition,
			message: "The DAG failed because some tasks failed. The failed tasks are: [call].",
		},
		{
			name: "no task at all", runner: script(errors.New("no engine for image x"), pipelineTask),
			want: aiplatformpb.PipelineState_PIPELINE_STATE_FAILED, code: codes.FailedPrecondition, message: "no engine for image x",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, t.TempDir(), c.runner)
			job := waitFor(t, s, create(t, s, "job").GetName())
			if job.GetState() != c.want || codes.Code(job.GetError().GetCode()) != c.code || job.GetError().GetMessage() != c.message {
				t.Errorf("ended as %v, %v; want %v, %v %q", job.GetState(), job.GetError(), c.want, c.code, c.message)
			}
			if job.GetStartTime() == nil || job.GetEndTime() == nil {
				t.Error("the job has no start or no end")
			}
		})
	}
}

func TestAFailedTaskTellsWhy(t *testing.T) {
	t.Parallel()
	s := newService(t, t.TempDir(), script(errors.New("x"), localrun.Task{ID: 2, ParentID: 1, Name: "call", State: localrun.Failed, Err: errors.New("no permission")}))
	job := waitFor(t, s, create(t, s, "job").GetName())
	task := job.GetJobDetail().GetTaskDetails()[0]
	if got := task.GetError().GetMessage(); got != "no permission" {
		t.Errorf("task's error = %q", got)
	}
	if history := task.GetPipelineTaskStatus(); len(history) != 1 || history[0].GetError().GetMessage() != "no permission" {
		t.Errorf("history = %v", history)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	started := make(chan struct{})
	s := newService(t, t.TempDir(), func(ctx context.Context, run Run) error {
		close(started)
		return untilCancelled(ctx, run)
	})
	name := create(t, s, "job").GetName()
	<-started
	request := &aiplatformpb.CancelPipelineJobRequest{Name: name}
	if _, err := s.CancelPipelineJob(as(t, "stranger"), request); status.Code(err) != codes.PermissionDenied {
		t.Errorf("a stranger: error = %v, want PermissionDenied", err)
	}
	if _, err := s.CancelPipelineJob(as(t, "developer"), request); err != nil {
		t.Fatal(err)
	}
	job := waitFor(t, s, name)
	if job.GetState() != aiplatformpb.PipelineState_PIPELINE_STATE_CANCELLED || codes.Code(job.GetError().GetCode()) != codes.Canceled {
		t.Errorf("ended as %v, %v", job.GetState(), job.GetError())
	}
	if _, err := s.CancelPipelineJob(as(t, "developer"), request); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("again: error = %v, want FailedPrecondition", err)
	}
}

func TestCloseCancelsAndWaits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newService(t, dir, untilCancelled)
	name := create(t, s, "job").GetName()
	s.Close()
	job := get(t, newService(t, dir, succeed), name)
	if job.GetState() != aiplatformpb.PipelineState_PIPELINE_STATE_CANCELLED || job.GetError().GetMessage() != errStopped.Error() {
		t.Errorf("after a restart: %v, %v", job.GetState(), job.GetError())
	}
}
