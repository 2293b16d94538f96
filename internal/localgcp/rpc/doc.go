// Package rpc stands before the gRPC services of the local Google: it knows the
// callers, and refuses as Google's APIs do.
package rpc
