// Package transcode serves the gRPC services of the local Google as the REST APIs
// that Google has of them, by the HTTP annotations of their methods.
package transcode
