// Package authpipe is the command line of the program authpipe: it compiles,
// checks, submits and watches pipelines, and runs the embedded local Google.
package authpipe

//go:generate go test -run ^TestHelpPages$ . -update
