// Package gateway offers a gRPC pipeline service as the REST API that Vertex AI
// has, on the same methods and with the same errors.
package gateway
