// Package signals turns SIGINT and SIGTERM into the end of a context that tells
// which of the two it was, so that a program can exit with the code that shells
// give that signal.
package signals
