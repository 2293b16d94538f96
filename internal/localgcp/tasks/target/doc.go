// Package target makes the HTTP request of an attempt from a task and from what its
// queue says over it.
package target
