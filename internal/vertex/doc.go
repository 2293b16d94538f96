// Package vertex submits pipeline runs to Vertex AI Pipelines, or to anything
// that speaks the same gRPC service, and watches them to their end.
package vertex
