// Package buffer takes plain HTTP requests as tasks, for queues that say where their
// tasks go. It is the one method of Cloud Tasks that has no gRPC.
package buffer
