// Command bench measures one whole step of a pipeline, token flow included,
// beside a bare Go program and the Python flow that do the same, and the
// compilation of a pipeline beside KFP's own compiler, long bodies beside curl, and
// what there is to pull. It prints one table a question; `make bench` builds what it measures and runs it.
package main
