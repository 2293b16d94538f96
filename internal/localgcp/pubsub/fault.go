package pubsub

import (
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func invalidf(format string, args ...any) error {
	return status.Errorf(codes.InvalidArgument, format, args...)
}

// faultf is what is wrong with a part of a request.
func faultf(format string, args ...any) error { return fmt.Errorf(format, args...) }

// internal tells what no caller can help.
func internal(err error) error { return status.Error(codes.Internal, err.Error()) }

func notFound(resource string) error {
	return status.Errorf(codes.NotFound, "Resource not found (resource=%s).", resource)
}

func exists(resource string) error {
	return status.Errorf(codes.AlreadyExists, "Resource already exists in the project (resource=%s).", resource)
}

// unsupported refuses what the local Google does not play.
func unsupported(what string) error {
	return status.Errorf(codes.Unimplemented, "the local Google's Pub/Sub has no %s", what)
}

var errClosed = status.Error(codes.Unavailable, "The local Google is closing.")
