// Package backoff decides how long to wait before trying again: full jitter
// under a doubling cap, or what the server's Retry-After says.
package backoff
