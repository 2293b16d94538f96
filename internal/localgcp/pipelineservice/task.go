package pipelineservice

import (
	"encoding/json"
	"slices"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/authcall/authcall/internal/localrun"
)

// updateTask puts a task's present state into the job's details.
func updateTask(detail *aiplatformpb.PipelineJobDetail, task localrun.Task, now time.Time) {
	t := taskDetail(detail, task)
	changed := t.GetState().String() != string(task.State)
	t.State = aiplatformpb.PipelineTaskDetail_State(aiplatformpb.PipelineTaskDetail_State_value[string(task.State)])
	t.CreateTime, t.StartTime, t.EndTime = timestamp(task.Create), timestamp(task.Start), timestamp(task.End)
	t.Error = taskError(task)
	t.Inputs, t.Outputs = artifacts(task.Inputs.Artifacts), artifacts(task.Outputs.Artifacts)
	t.Execution = execution(task)
	if changed {
		remember(t, now)
	}
}

// taskDetail finds the detail of a task, or adds one.
func taskDetail(detail *aiplatformpb.PipelineJobDetail, task localrun.Task) *aiplatformpb.PipelineTaskDetail {
	parentName, nested := "", false
	for _, t := range detail.GetTaskDetails() {
		if t.GetTaskId() == task.ID {
			return t
		}
		if t.GetTaskId() == task.ParentID && t.GetParentTaskId() != 0 {
			parentName, nested = t.GetTaskUniqueName(), true
		}
	}
	unique := task.Name
	if nested {
		unique = parentName + "." + task.Name
	}
	t := &aiplatformpb.PipelineTaskDetail{TaskId: task.ID, ParentTaskId: task.ParentID, TaskName: task.Name, TaskUniqueName: unique}
	detail.TaskDetails = append(detail.TaskDetails, t)
	return t
}

// remember adds the task's state to its history.
func remember(t *aiplatformpb.PipelineTaskDetail, now time.Time) {
	t.PipelineTaskStatus = append(t.GetPipelineTaskStatus(), &aiplatformpb.PipelineTaskDetail_PipelineTaskStatus{
		UpdateTime: timestamppb.New(now),
		State:      t.GetState(),
		Error:      t.GetError(),
	})
}

func taskError(task localrun.Task) *status.Status {
	switch {
	case task.Err == nil:
		return nil
	case task.State == localrun.Failed:
		return statusOf(codes.FailedPrecondition, task.Err.Error())
	case task.State == localrun.Cancelled:
		return statusOf(codes.Canceled, task.Err.Error())
	default:
		return nil
	}
}

// execution holds the task's parameters, which have no field of their own, under
// the keys that Vertex AI gives them.
func execution(task localrun.Task) *aiplatformpb.Execution {
	metadata := map[string]*structpb.Value{}
	for name, value := range task.Inputs.Parameters {
		metadata["input:"+name] = toValue(value)
	}
	for name, value := range task.Outputs.Parameters {
		metadata["output:"+name] = toValue(value)
	}
	return &aiplatformpb.Execution{
		DisplayName: task.DisplayName,
		State:       executionStates[task.State],
		CreateTime:  timestamp(task.Create),
		UpdateTime:  timestamp(latest(task.Create, task.Start, task.End)),
		Metadata:    &structpb.Struct{Fields: metadata},
	}
}

var executionStates = map[localrun.State]aiplatformpb.Execution_State{
	localrun.Pending:   aiplatformpb.Execution_NEW,
	localrun.Running:   aiplatformpb.Execution_RUNNING,
	localrun.Succeeded: aiplatformpb.Execution_COMPLETE,
	localrun.Failed:    aiplatformpb.Execution_FAILED,
	localrun.Cancelled: aiplatformpb.Execution_CANCELLED,
	localrun.Skipped:   aiplatformpb.Execution_CACHED,
}

func artifacts(lists map[string][]localrun.Artifact) map[string]*aiplatformpb.PipelineTaskDetail_ArtifactList {
	if len(lists) == 0 {
		return nil
	}
	converted := make(map[string]*aiplatformpb.PipelineTaskDetail_ArtifactList, len(lists))
	for name, list := range lists {
		converted[name] = &aiplatformpb.PipelineTaskDetail_ArtifactList{}
		for _, a := range list {
			converted[name].Artifacts = append(converted[name].GetArtifacts(), artifact(name, a))
		}
	}
	return converted
}

func artifact(name string, a localrun.Artifact) *aiplatformpb.Artifact {
	return &aiplatformpb.Artifact{
		Name:        a.Name,
		DisplayName: name,
		Uri:         a.URI,
		SchemaTitle: a.Type,
		State:       aiplatformpb.Artifact_LIVE,
		Metadata:    toValue(a.Metadata).GetStructValue(),
	}
}

// toValue converts by way of JSON, for structpb takes only a few of Go's types.
// What JSON has no form for is null.
func toValue(value any) *structpb.Value {
	data, err := json.Marshal(value)
	converted := new(structpb.Value)
	if err != nil || protojson.Unmarshal(data, converted) != nil {
		return structpb.NewNullValue()
	}
	return converted
}

func timestamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }
