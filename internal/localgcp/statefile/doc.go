// Package statefile keeps small secret files: readable by their owner alone,
// and never seen half written.
package statefile
