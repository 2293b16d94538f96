// Package pipelines builds Kubeflow pipelines in Go: tasks, what passes between
// them and the conditions under which they run, compiled to a pipeline spec
// that Vertex AI Pipelines and Kubeflow run. It also has the pipelines that
// authpipe knows by name.
package pipelines
