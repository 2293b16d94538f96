package pipelineservice

import (
	"os"
	"path"
	"strings"
	"testing"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/authcall/authcall/internal/localrun"
)

func TestJobsAreFoundAgainAfterARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newService(t, dir, script(nil, pipelineTask))
	want := waitFor(t, s, create(t, s, "job").GetName())
	got := get(t, newService(t, dir, succeed), want.GetName())
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("job after a restart (-want +got):\n%s", diff)
	}
}

func TestAJobWhoseServerDiedHasFailed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	// What the dead server left: its file as it was while the job ran.
	s := newService(t, dir, untilCancelled)
	job := create(t, s, "job")
	dead := t.TempDir()
	running := get(t, s, job.GetName())
	running.State = aiplatformpb.PipelineState_PIPELINE_STATE_RUNNING
	running.JobDetail = &aiplatformpb.PipelineJobDetail{}
	updateTask(running.GetJobDetail(), localrun.Task{ID: 2, Name: "call", State: localrun.Running, Start: noon}, noon)
	if err := (store{dead}).save(running); err != nil {
		t.Fatal(err)
	}

	for range 2 { // found twice, it is no different
		found := get(t, newService(t, dead, succeed), job.GetName())
		if found.GetState() != aiplatformpb.PipelineState_PIPELINE_STATE_FAILED || codes.Code(found.GetError().GetCode()) != codes.Aborted {
			t.Errorf("job = %v, %v", found.GetState(), found.GetError())
		}
		task := found.GetJobDetail().GetTaskDetails()[0]
		if task.GetState() != aiplatformpb.PipelineTaskDetail_FAILED || task.GetEndTime() == nil || !strings.Contains(task.GetError().GetMessage(), "service ended") {
			t.Errorf("task = %v", task)
		}
		if n := len(task.GetPipelineTaskStatus()); n != 2 {
			t.Errorf("%d states in the task's history, want 2", n)
		}
	}
}

func TestABrokenFileIsTold(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, content, want string }{
		{name: "not JSON", content: "{", want: "reading job"},
		{name: "another job", content: `{"name": "projects/p/locations/l/pipelineJobs/other"}`, want: "calls itself"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, t.TempDir(), succeed)
			whole := waitFor(t, s, create(t, s, "whole").GetName())
			broken := testParent + "/pipelineJobs/broken"
			if err := os.WriteFile(s.store.file(broken, jobExtension), []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := s.GetPipelineJob(as(t, "developer"), &aiplatformpb.GetPipelineJobRequest{Name: broken})
			if status.Code(err) != codes.Internal || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v, want Internal with %q", err, c.want)
			}
			_, err = s.CreatePipelineJob(as(t, "developer"), newRequest(t, "broken"))
			if status.Code(err) != codes.AlreadyExists {
				t.Errorf("a job of its name: error = %v, want AlreadyExists", err)
			}
			list, err := s.ListPipelineJobs(as(t, "developer"), &aiplatformpb.ListPipelineJobsRequest{Parent: testParent})
			if err != nil || ids(list) != path.Base(whole.GetName()) {
				t.Errorf("list = %q, %v; want the whole job alone", ids(list), err)
			}
		})
	}
}

func TestServicesThatShareADirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	runs, looksOn := newService(t, dir, untilCancelled), newService(t, dir, succeed)
	name := create(t, runs, "job").GetName()
	if state := get(t, looksOn, name).GetState(); ended(state) {
		t.Errorf("the other service sees the job as %v", state)
	}
	_, err := looksOn.CreatePipelineJob(as(t, "developer"), newRequest(t, "job"))
	if status.Code(err) != codes.AlreadyExists {
		t.Errorf("making the same job: error = %v, want AlreadyExists", err)
	}
	request := &aiplatformpb.CancelPipelineJobRequest{Name: name}
	if _, err := looksOn.CancelPipelineJob(as(t, "developer"), request); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("cancelling it: error = %v, want FailedPrecondition", err)
	}
	if _, err := runs.CancelPipelineJob(as(t, "developer"), request); err != nil {
		t.Fatal(err)
	}
	want := waitFor(t, runs, name)
	if diff := cmp.Diff(want, waitFor(t, looksOn, name), protocmp.Transform()); diff != "" {
		t.Errorf("the ended job (-its service +the other):\n%s", diff)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newService(t, dir, succeed)
	name := waitFor(t, s, create(t, s, "job").GetName()).GetName()
	request := &aiplatformpb.DeletePipelineJobRequest{Name: name}
	if _, err := s.DeletePipelineJob(as(t, "stranger"), request); status.Code(err) != codes.PermissionDenied {
		t.Errorf("a stranger: error = %v, want PermissionDenied", err)
	}
	operation, err := s.DeletePipelineJob(as(t, "developer"), request)
	if err != nil {
		t.Fatal(err)
	}
	if !operation.GetDone() || operation.GetResponse() == nil || !strings.HasPrefix(operation.GetName(), testParent+"/operations/") {
		t.Errorf("operation = %v, want one that is done", operation)
	}
	for _, s := range []*Service{s, newService(t, dir, succeed)} {
		_, err := s.GetPipelineJob(as(t, "developer"), &aiplatformpb.GetPipelineJobRequest{Name: name})
		if status.Code(err) != codes.NotFound {
			t.Errorf("afterwards: error = %v, want NotFound", err)
		}
	}
}

func TestDeleteRefusesARunningJob(t *testing.T) {
	t.Parallel()
	s := newService(t, t.TempDir(), untilCancelled)
	name := create(t, s, "job").GetName()
	_, err := s.DeletePipelineJob(as(t, "developer"), &aiplatformpb.DeletePipelineJobRequest{Name: name})
	if status.Code(err) != codes.FailedPrecondition {
		t.Errorf("error = %v, want FailedPrecondition", err)
	}
}

func TestBatchDeleteIsAllOrNothing(t *testing.T) {
	t.Parallel()
	s := newService(t, t.TempDir(), succeed)
	a := waitFor(t, s, create(t, s, "a").GetName()).GetName()
	b := waitFor(t, s, create(t, s, "b").GetName()).GetName()
	cases := []struct {
		name  string
		names []string
		want  codes.Code
	}{
		{name: "none", want: codes.InvalidArgument},
		{name: "one of another location", names: []string{a, "projects/local-project/locations/x/pipelineJobs/b"}, want: codes.InvalidArgument},
		{name: "one that is not there", names: []string{a, testParent + "/pipelineJobs/c"}, want: codes.NotFound},
		{name: "two", names: []string{a, b}, want: codes.OK},
		{name: "two that are gone", names: []string{a, b}, want: codes.NotFound},
	}
	for _, c := range cases {
		operation, err := s.BatchDeletePipelineJobs(as(t, "developer"), &aiplatformpb.BatchDeletePipelineJobsRequest{Parent: testParent, Names: c.names})
		if status.Code(err) != c.want {
			t.Fatalf("%s: error = %v, want %v", c.name, err, c.want)
		}
		if c.want != codes.OK {
			continue
		}
		deleted := new(aiplatformpb.BatchDeletePipelineJobsResponse)
		if err := operation.GetResponse().UnmarshalTo(deleted); err != nil || len(deleted.GetPipelineJobs()) != 2 {
			t.Errorf("%s: response = %v, %v", c.name, deleted, err)
		}
	}
}
