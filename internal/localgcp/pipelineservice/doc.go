// Package pipelineservice is Vertex AI's pipeline service for one machine: the
// same gRPC methods, checks and answers, over a runner that runs the steps here.
package pipelineservice
