// Package dispatch decides when the tasks of a queue go out: by their times, the
// queue's rate and concurrency, and the waits between retries. It knows the time
// only from its caller and sends nothing itself.
package dispatch
