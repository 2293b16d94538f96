// Package gate lets only callers with a valid Google ID token into a service: it
// verifies what Cloud Run's own front door would verify, where there is no such
// front door. It takes the assertions of Identity-Aware Proxy as well, and the
// tokens of other issuers; package grpcgate beside it does the same for gRPC.
package gate
