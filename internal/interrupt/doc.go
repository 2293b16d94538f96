// Package interrupt ends a context on SIGINT or SIGTERM, and remembers which of
// the two it was.
package interrupt
