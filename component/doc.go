// Package component is the authenticated HTTP call as a Kubeflow Pipelines
// step: its one Config, and the flow from executor input to outputs. On the same
// machinery Func makes a component of any function in Go.
package component
