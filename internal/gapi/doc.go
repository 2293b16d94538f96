// Package gapi reaches Google's gRPC APIs as the caller, or what stands in for
// them on this machine: endpoints, credentials, and failures sorted by what
// cures them.
package gapi
