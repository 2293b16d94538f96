package iampolicy

import (
	"encoding/base64"
	"errors"

	"cloud.google.com/go/iam/apiv1/iampb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/internal/localgcp/iam"
)

// RPC answers about the policies of one gRPC API's resources.
type RPC struct {
	// Permission is what the permissions on its policies begin with, such as
	// cloudtasks.queues.
	Permission string
	// Directory holds the policies.
	Directory Directory
	// Denied is how the API refuses a caller who lacks a permission.
	Denied func(permission, resource string) error
	// NotFound is how it tells that there is no such resource.
	NotFound func(resource string) error
}

// Get answers GetIamPolicy.
func (r RPC) Get(caller iam.Principal, resource string, exists bool) (*iampb.Policy, error) {
	if err := r.permit(caller, "getIamPolicy", resource, exists); err != nil {
		return nil, err
	}
	return message(r.Directory.Policy(resource)), nil
}

// Set answers SetIamPolicy.
func (r RPC) Set(caller iam.Principal, resource string, exists bool, p *iampb.Policy) (*iampb.Policy, error) {
	if err := r.permit(caller, "setIamPolicy", resource, exists); err != nil {
		return nil, err
	}
	wanted := iam.Policy{}
	for _, b := range p.GetBindings() {
		if b.GetCondition() != nil {
			return nil, status.Errorf(codes.Unimplemented, "The local Google has no conditions in policies: take the one of %s away.", b.GetRole())
		}
		wanted.Bindings = append(wanted.Bindings, iam.Binding{Role: b.GetRole(), Members: b.GetMembers()})
	}
	done, err := r.Directory.SetPolicy(resource, wanted, base64.StdEncoding.EncodeToString(p.GetEtag()))
	switch {
	case errors.Is(err, iam.ErrChanged):
		return nil, status.Error(codes.Aborted, changed)
	case errors.Is(err, iam.ErrNotKept):
		return nil, status.Error(codes.Internal, err.Error())
	case err != nil:
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return message(done), nil
}

// Test answers TestIamPermissions. Nobody has any on a resource that does not exist.
func (r RPC) Test(caller iam.Principal, resource string, exists bool, permissions []string) *iampb.TestIamPermissionsResponse {
	held := &iampb.TestIamPermissionsResponse{}
	for _, p := range permissions {
		if exists && r.Directory.Allowed(caller, p, resource) {
			held.Permissions = append(held.Permissions, p)
		}
	}
	return held
}

func (r RPC) permit(caller iam.Principal, verb, resource string, exists bool) error {
	permission := r.Permission + "." + verb
	switch {
	case !r.Directory.Allowed(caller, permission, resource):
		return r.Denied(permission, resource)
	case !exists:
		return r.NotFound(resource)
	}
	return nil
}

func message(p iam.Policy) *iampb.Policy {
	etag, err := base64.StdEncoding.DecodeString(p.ETag())
	if err != nil { // an etag is base64
		etag = []byte(p.ETag())
	}
	shown := &iampb.Policy{Version: 1, Etag: etag}
	for _, b := range p.Bindings {
		shown.Bindings = append(shown.Bindings, &iampb.Binding{Role: b.Role, Members: b.Members})
	}
	return shown
}
