package tasks

import (
	"sync"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/authcall/authcall/internal/localgcp/tasks/resource"
)

// operations are the batches that callers gave an id, so that the same request is
// not done twice.
type operations struct {
	mu   sync.Mutex
	done map[string]batch // by the operation's name
}

// batch is a request and how it ended.
type batch struct {
	request   proto.Message
	operation *longrunningpb.Operation
	at        time.Time
}

// outcome is how a batch ended.
type outcome struct {
	metadata, response proto.Message
	failure            *rpcstatus.Status // nil where a request succeeded
}

// once performs a batch, or tells how one of the same id ended. All batches wait for
// each other.
func (s *Server) once(in resource.Queue, id string, request proto.Message, perform func() outcome) (*longrunningpb.Operation, error) {
	if id == "" {
		id = newID()
	}
	name := in.Location.String() + "/operations/" + id
	o, now := &s.operations, s.clock.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.forget(now.Add(-nameRest))
	if earlier, ok := o.done[name]; ok {
		if !proto.Equal(earlier.request, request) {
			return nil, status.Errorf(codes.AlreadyExists, "The request_id %q is that of another batch.", id)
		}
		return earlier.operation, nil
	}
	operation, err := finished(name, perform())
	if err != nil {
		return nil, internal(err)
	}
	if o.done == nil {
		o.done = map[string]batch{}
	}
	o.done[name] = batch{request, operation, now}
	return operation, nil
}

func (o *operations) forget(until time.Time) {
	for name, b := range o.done {
		if !b.at.After(until) {
			delete(o.done, name)
		}
	}
}

// finished is an operation that is over.
func finished(name string, o outcome) (*longrunningpb.Operation, error) {
	operation := &longrunningpb.Operation{Name: name, Done: true}
	var err error
	if operation.Metadata, err = anypb.New(o.metadata); err != nil {
		return nil, err
	}
	if o.failure != nil {
		operation.Result = &longrunningpb.Operation_Error{Error: o.failure}
		return operation, nil
	}
	packed, err := anypb.New(o.response)
	operation.Result = &longrunningpb.Operation_Response{Response: packed}
	return operation, err
}
