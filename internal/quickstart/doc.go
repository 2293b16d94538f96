// Package quickstart lets a program start without collecting garbage: what its
// packages allocate before main is theirs for good, and more than the heap that Go
// collects at first.
package quickstart
