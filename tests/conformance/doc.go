// Package conformance lets clients that are not ours judge our work: Google's
// libraries for Python and gcloud against the embedded local Google, and the
// Kubeflow Pipelines SDK against component.yaml and the specs that we compile.
// The Python programs are in python/.
package conformance
