// Package diagnose turns a failure of the call or of its credential into its
// cause, the command that cures it, and the exit code.
package diagnose
