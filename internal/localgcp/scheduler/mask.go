package scheduler

import (
	"strings"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

// updated is the job with the fields of the mask taken from the other one. No mask
// means all fields that a caller may set.
func updated(job, by *schedulerpb.Job, mask *fieldmaskpb.FieldMask) (*schedulerpb.Job, error) {
	paths := mask.GetPaths()
	if len(paths) == 0 || len(paths) == 1 && paths[0] == "*" {
		paths = []string{"description", "pubsub_target", "http_target", "app_engine_http_target", "schedule", "time_zone", "retry_config", "attempt_deadline"}
	}
	next := proto.CloneOf(job)
	for _, path := range paths {
		if err := copyField(next.ProtoReflect(), by.ProtoReflect(), strings.Split(path, "."), path); err != nil {
			return nil, err
		}
	}
	keepOutputs(next, job)
	return next, nil
}

// copyField follows the path in both messages. Where the other one has nothing, the
// field is cleared.
func copyField(to, from protoreflect.Message, path []string, whole string) error {
	field := to.Descriptor().Fields().ByName(protoreflect.Name(path[0]))
	if field == nil {
		return invalid("update_mask", "The update mask has the unknown field %q.", whole)
	}
	if len(path) == 1 {
		if from.Has(field) {
			to.Set(field, proto.Clone(from.Interface()).ProtoReflect().Get(field))
		} else {
			to.Clear(field)
		}
		return nil
	}
	if field.IsMap() || field.IsList() || field.Message() == nil {
		return invalid("update_mask", "The update mask %q leads into a field that has none.", whole)
	}
	if !to.Has(field) && !from.Has(field) {
		return nil
	}
	inner := to.Mutable(field).Message()
	if err := copyField(inner, from.Get(field).Message(), path[1:], whole); err != nil {
		return err
	}
	if proto.Size(inner.Interface()) == 0 && !from.Has(field) { // a token with all its fields cleared is none
		to.Clear(field)
	}
	return nil
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
