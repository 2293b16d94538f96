// Package logging makes the one logger of a process: a readable line each, or
// JSON with the severity names of Google Cloud's logs.
package logging
