// Package metadata is the metadata server of one instance that runs under one
// service account: a VM of Compute Engine, a service of Cloud Run, a pod on GKE, or
// the machine of a Vertex AI job, where the server gives no ID tokens.
package metadata
