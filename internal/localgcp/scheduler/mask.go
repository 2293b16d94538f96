package scheduler

import (
	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/authcall/authcall/internal/localgcp/fieldmask"
)

// updated is the job with the fields of the mask taken from the other one. No mask
// means all fields that a caller may set.
func updated(job, by *schedulerpb.Job, mask *fieldmaskpb.FieldMask) (*schedulerpb.Job, error) {
	paths := mask.GetPaths()
	if len(paths) == 0 || len(paths) == 1 && paths[0] == "*" {
		paths = []string{"description", "pubsub_target", "http_target", "app_engine_http_target", "schedule", "time_zone", "retry_config", "attempt_deadline"}
	}
	next := proto.CloneOf(job)
	if err := fieldmask.Merge(next, by, &fieldmaskpb.FieldMask{Paths: paths}); err != nil {
		return nil, invalid("update_mask", "The update mask is invalid: %v.", err)
	}
	keepOutputs(next, job)
	return next, nil
}

// followURI lets an audience that is the job's URI go with it.
func followURI(to, from *schedulerpb.Job) {
	token := to.GetHttpTarget().GetOidcToken()
	if token.GetAudience() != "" && token.GetAudience() == from.GetHttpTarget().GetUri() {
		token.Audience = ""
	}
}

// keepOutputs takes back what no caller may set.
func keepOutputs(to, from *schedulerpb.Job) {
	to.Name = from.GetName()
	to.State, to.Status = from.GetState(), from.GetStatus()
	to.UserUpdateTime, to.ScheduleTime, to.LastAttemptTime = from.GetUserUpdateTime(), from.GetScheduleTime(), from.GetLastAttemptTime()
}
