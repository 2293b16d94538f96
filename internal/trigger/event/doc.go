// Package event reads the requests of Google's senders: what a delivery is called,
// however often it is tried, and what it carries.
package event
