// Package grpcgate puts a gate in front of a gRPC server. It is a package of its
// own so that HTTP services do not link gRPC.
package grpcgate
