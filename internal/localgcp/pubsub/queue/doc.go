// Package queue is what one Pub/Sub subscription holds: messages with their
// leases, failed attempts and order. It has no clock and does no I/O; whoever calls
// tells it the time and keeps what it says has changed.
package queue
