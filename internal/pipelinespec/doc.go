// Package pipelinespec is the Kubeflow Pipelines intermediate representation,
// the pipeline spec of schema version 2.1.0: its types, a strict parser, a
// validator, the encoder, and the typing of a pipeline's parameters.
package pipelinespec
