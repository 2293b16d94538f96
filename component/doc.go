// Package component is the authenticated HTTP call as a Kubeflow Pipelines
// step: its one Config, and the flow from executor input to outputs.
package component
