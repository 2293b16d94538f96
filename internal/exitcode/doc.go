// Package exitcode names the exit codes that both programs promise: a caller
// can tell the outcome of a run from the code alone.
package exitcode
