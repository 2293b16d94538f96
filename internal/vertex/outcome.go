package vertex

import (
	"path"
	"strings"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
)

// Ended tells whether a run in this state goes on no more. A paused run counts
// as ended, for nothing happens to it until somebody resumes it.
func Ended(state aiplatformpb.PipelineState) bool {
	switch state {
	case aiplatformpb.PipelineState_PIPELINE_STATE_SUCCEEDED,
		aiplatformpb.PipelineState_PIPELINE_STATE_FAILED,
		aiplatformpb.PipelineState_PIPELINE_STATE_CANCELLED,
		aiplatformpb.PipelineState_PIPELINE_STATE_PAUSED:
		return true
	default:
		return false
	}
}

// RunError is a run that ended without success.
type RunError struct {
	// Job is the run as it ended.
	Job *aiplatformpb.PipelineJob
}

func (e *RunError) Error() string {
	text := "run " + path.Base(e.Job.GetName()) + " " + StateWord(e.Job.GetState())
	if message := e.Job.GetError().GetMessage(); message != "" {
		text += ": " + message
	}
	return text
}

// Outcome is nil for a run that succeeded and a *RunError for every other: a
// run that was cancelled or paused has not done its work either.
func Outcome(job *aiplatformpb.PipelineJob) error {
	if job.GetState() == aiplatformpb.PipelineState_PIPELINE_STATE_SUCCEEDED {
		return nil
	}
	return &RunError{Job: job}
}

// FailedTasks are the tasks that made a run fail, in the order of their ids: not
// those that failed only because a task inside them did.
func FailedTasks(job *aiplatformpb.PipelineJob) []*aiplatformpb.PipelineTaskDetail {
	const failed = aiplatformpb.PipelineTaskDetail_FAILED
	blamed := map[int64]bool{}
	for _, t := range job.GetJobDetail().GetTaskDetails() {
		if t.GetState() == failed {
			blamed[t.GetParentTaskId()] = true
		}
	}
	var tasks []*aiplatformpb.PipelineTaskDetail
	for _, t := range job.GetJobDetail().GetTaskDetails() {
		if t.GetState() == failed && !blamed[t.GetTaskId()] {
			tasks = append(tasks, t)
		}
	}
	return tasks
}

// StateWord is a state as people say it: "succeeded", "failed", "cancelled" …
func StateWord(state aiplatformpb.PipelineState) string {
	return strings.ToLower(strings.TrimPrefix(state.String(), "PIPELINE_STATE_"))
}
