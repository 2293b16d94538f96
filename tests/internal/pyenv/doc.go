// Package pyenv sets up the Python that tests and benchmarks run real clients
// in: a virtual environment with pinned packages, made once and kept.
package pyenv
