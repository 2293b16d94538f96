package rpc

import (
	"encoding/json"
	"errors"
	"fmt"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/authcall/authcall/internal/localgcp/apierror"
)

// Denied refuses a caller that lacks a permission on a resource of the API that the
// domain names. It says nothing about whether the resource exists.
func Denied(permission, resource, domain string) error {
	return WithReason(codes.PermissionDenied,
		fmt.Sprintf("Permission '%s' denied on resource '//%s/%s' (or it may not exist).", permission, domain, resource),
		&errdetails.ErrorInfo{
			Reason:   "IAM_PERMISSION_DENIED",
			Domain:   domain,
			Metadata: map[string]string{"permission": permission, "resource": resource},
		})
}

// WithReason is an error that tells its reason to programs.
func WithReason(c codes.Code, message string, details ...protoadapt.MessageV1) error {
	plain := status.New(c, message)
	detailed, err := plain.WithDetails(details...)
	if err != nil { // only for the code OK
		return plain.Err()
	}
	return detailed.Err()
}

// Status turns an error of the REST APIs into one of gRPC, with the same details.
func Status(err error) error {
	told, ok := errors.AsType[*apierror.Error](err)
	if !ok {
		return status.Error(codes.Internal, err.Error())
	}
	s := status.New(codes.Code(code.Code_value[told.Canonical()]), told.Message).Proto() //nolint:gosec // codes are 0 to 16
	for _, d := range told.Details {
		if packed := pack(d); packed != nil {
			s.Details = append(s.Details, packed)
		}
	}
	if told.RetryAfter > 0 {
		if packed, err := anypb.New(&errdetails.RetryInfo{RetryDelay: durationpb.New(told.RetryAfter)}); err == nil {
			s.Details = append(s.Details, packed)
		}
	}
	return status.ErrorProto(s)
}

// pack reads a google.rpc message from its JSON form; one of no known type is
// left out.
func pack(detail any) *anypb.Any {
	data, err := json.Marshal(detail)
	if err != nil {
		return nil
	}
	packed := new(anypb.Any)
	if protojson.Unmarshal(data, packed) != nil {
		return nil
	}
	return packed
}

func unimplemented(method string) error {
	return status.Errorf(codes.Unimplemented, "The method %s is not implemented.", method)
}
