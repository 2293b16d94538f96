// Package push makes the HTTP request with which Pub/Sub pushes a message, wrapped
// in JSON or as it is.
package push
