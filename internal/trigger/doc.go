// Package trigger receives events that carry ID tokens and starts a pipeline run
// for each, once, however often it is delivered.
package trigger
