// Package delivery makes the one HTTP request by which a sender of Google's calls
// its target, with a token that its service agent mints.
package delivery
