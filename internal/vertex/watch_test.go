package vertex

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/google/go-cmp/cmp"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
)

const (
	pending   = aiplatformpb.PipelineState_PIPELINE_STATE_PENDING
	running   = aiplatformpb.PipelineState_PIPELINE_STATE_RUNNING
	succeeded = aiplatformpb.PipelineState_PIPELINE_STATE_SUCCEEDED
	failed    = aiplatformpb.PipelineState_PIPELINE_STATE_FAILED
	cancelled = aiplatformpb.PipelineState_PIPELINE_STATE_CANCELLED
	paused    = aiplatformpb.PipelineState_PIPELINE_STATE_PAUSED
)

var errGone = grpcstatus.Error(codes.Unavailable, "connection refused")

// script makes the answers of a service from states and errors.
func script(answers ...any) *service {
	s := new(service)
	for _, a := range answers {
		if state, ok := a.(aiplatformpb.PipelineState); ok {
			a = &aiplatformpb.PipelineJob{Name: testParent + "/pipelineJobs/j", State: state}
		}
		s.gets = append(s.gets, a)
	}
	return s
}

func TestWatch(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		answers []any
		want    []aiplatformpb.PipelineState
		wantErr Kind
	}{
		{name: "to success", answers: []any{pending, running, running, succeeded}, want: []aiplatformpb.PipelineState{pending, running, succeeded}},
		{name: "to failure", answers: []any{running, failed}, want: []aiplatformpb.PipelineState{running, failed}},
		{name: "to cancellation", answers: []any{cancelled}, want: []aiplatformpb.PipelineState{cancelled}},
		{name: "to a pause", answers: []any{paused}, want: []aiplatformpb.PipelineState{paused}},
		{
			name:    "over a broken connection",
			answers: append(append([]any{running}, slices.Repeat([]any{errGone}, 20)...), succeeded),
			want:    []aiplatformpb.PipelineState{running, succeeded},
		},
		{
			name:    "over a quota used up",
			answers: []any{grpcstatus.Error(codes.ResourceExhausted, "slow down"), succeeded},
			want:    []aiplatformpb.PipelineState{succeeded},
		},
		{name: "not for ever without an answer", answers: []any{running, errGone}, want: []aiplatformpb.PipelineState{running}, wantErr: Unavailable},
		{name: "not after the run is gone", answers: []any{grpcstatus.Error(codes.NotFound, "gone")}, wantErr: NotFound},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var got []aiplatformpb.PipelineState
				job, err := Watch(t.Context(), inProcess{script(c.answers...)}, "j", WatchOptions{
					OnChange: func(j *aiplatformpb.PipelineJob) { got = append(got, j.GetState()) },
				})
				if (err != nil) != (c.wantErr != "") || err != nil && !IsKind(err, c.wantErr) {
					t.Fatalf("Watch() error = %v, want kind %q", err, c.wantErr)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("changes (-want +got):\n%s", diff)
				}
				if len(c.want) > 0 && job.GetState() != c.want[len(c.want)-1] {
					t.Errorf("ended as %v", job.GetState())
				}
			})
		})
	}
}

func TestWatchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		enough := errors.New("waited long enough")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Hour, enough)
		defer cancel()
		start := time.Now()
		job, err := Watch(ctx, inProcess{script(running)}, "j", WatchOptions{})
		if !errors.Is(err, enough) || job.GetState() != running {
			t.Errorf("Watch() = %v, %v; want the run as last seen and the context's cause", job.GetState(), err)
		}
		if got := time.Since(start); got != time.Hour {
			t.Errorf("watched for %v, want %v", got, time.Hour)
		}
	})
}

func TestWatchSlowsDownWhileNothingHappens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		counter := &countingGetter{inProcess: inProcess{script(running)}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, _ = Watch(ctx, counter, "j", WatchOptions{})
		if counter.calls < 350 || counter.calls > 380 {
			t.Errorf("%d calls in an hour, want about one in 10 s", counter.calls)
		}
	})
}

type countingGetter struct {
	inProcess
	calls int
}

func (c *countingGetter) GetPipelineJob(ctx context.Context, req *aiplatformpb.GetPipelineJobRequest, _ ...gax.CallOption) (*aiplatformpb.PipelineJob, error) {
	c.calls++
	return c.inProcess.GetPipelineJob(ctx, req)
}

func TestSubmitTriesAgain(t *testing.T) {
	t.Parallel()
	other := &aiplatformpb.PipelineJob{DisplayName: "somebody else's"}
	cases := []struct {
		name    string
		server  *service
		wantErr Kind
	}{
		{name: "while nothing answers", server: &service{createErrs: []error{errGone, errGone}}},
		{name: "and knows its own run", server: &service{loseAnswer: true}},
		{name: "but not for ever", server: &service{createErrs: slices.Repeat([]error{errGone}, 99)}, wantErr: Unavailable},
		{name: "and never takes over a run", server: &service{jobs: map[string]*aiplatformpb.PipelineJob{testParent + "/pipelineJobs/job-1": other}}, wantErr: Exists},
		{
			name:    "and never takes over a run that was there",
			server:  &service{createErrs: []error{errGone}, jobs: map[string]*aiplatformpb.PipelineJob{testParent + "/pipelineJobs/job-1": other}},
			wantErr: Exists,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				job, err := Submit(t.Context(), inProcess{c.server}, validSubmission())
				if c.wantErr != "" {
					if !IsKind(err, c.wantErr) {
						t.Errorf("Submit() error = %v, want kind %q", err, c.wantErr)
					}
					return
				}
				if err != nil || job.GetName() != testParent+"/pipelineJobs/job-1" {
					t.Errorf("Submit() = %q, %v", job.GetName(), err)
				}
			})
		})
	}
}

// slow takes its time to give no answer.
type slow struct {
	inProcess
	calls int
}

func (s *slow) CreatePipelineJob(context.Context, *aiplatformpb.CreatePipelineJobRequest, ...gax.CallOption) (*aiplatformpb.PipelineJob, error) {
	s.calls++
	<-time.After(patience) // of a bubble's clock
	return nil, errGone
}

func TestSubmitDoesNotTryAgainWhatTookLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slow{inProcess: inProcess{new(service)}}
		if _, err := Submit(t.Context(), s, validSubmission()); !IsKind(err, Unavailable) || s.calls != 1 {
			t.Errorf("Submit() error = %v after %d calls, want kind %q after 1", err, s.calls, Unavailable)
		}
	})
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		job   *aiplatformpb.PipelineJob
		want  string
		ended bool
	}{
		{name: "succeeded", job: &aiplatformpb.PipelineJob{State: succeeded}, ended: true},
		{name: "failed", job: &aiplatformpb.PipelineJob{Name: "x/j", State: failed, Error: &status.Status{Message: "task call failed"}}, want: "run j failed: task call failed", ended: true},
		{name: "cancelled", job: &aiplatformpb.PipelineJob{Name: "x/j", State: cancelled}, want: "run j cancelled", ended: true},
		{name: "paused", job: &aiplatformpb.PipelineJob{Name: "x/j", State: paused}, want: "run j paused", ended: true},
		{name: "running", job: &aiplatformpb.PipelineJob{Name: "x/j", State: running}, want: "run j running"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := Outcome(c.job)
			if !matches(err, c.want) {
				t.Errorf("Outcome() = %v, want %q", err, c.want)
			}
			if got := Ended(c.job.GetState()); got != c.ended {
				t.Errorf("Ended() = %v, want %v", got, c.ended)
			}
		})
	}
}

func TestFailedTasksBlamesTheInnermost(t *testing.T) {
	t.Parallel()
	task := func(id, parent int64, state aiplatformpb.PipelineTaskDetail_State) *aiplatformpb.PipelineTaskDetail {
		return &aiplatformpb.PipelineTaskDetail{TaskId: id, ParentTaskId: parent, State: state}
	}
	job := &aiplatformpb.PipelineJob{JobDetail: &aiplatformpb.PipelineJobDetail{TaskDetails: []*aiplatformpb.PipelineTaskDetail{
		task(1, 0, aiplatformpb.PipelineTaskDetail_FAILED),
		task(2, 1, aiplatformpb.PipelineTaskDetail_SUCCEEDED),
		task(3, 1, aiplatformpb.PipelineTaskDetail_FAILED),
		task(4, 3, aiplatformpb.PipelineTaskDetail_FAILED),
	}}}
	var got []int64
	for _, t := range FailedTasks(job) {
		got = append(got, t.GetTaskId())
	}
	if diff := cmp.Diff([]int64{4}, got); diff != "" {
		t.Errorf("FailedTasks() (-want +got):\n%s", diff)
	}
}

func TestConsoleURL(t *testing.T) {
	t.Parallel()
	want := "https://console.cloud.google.com/vertex-ai/locations/us-central1/pipelines/runs/j?project=local-project"
	if got := ConsoleURL(testParent + "/pipelineJobs/j"); got != want {
		t.Errorf("ConsoleURL() = %q, want %q", got, want)
	}
	if got := ConsoleURL("projects/p"); got != "" {
		t.Errorf("ConsoleURL of no run = %q, want none", got)
	}
}
