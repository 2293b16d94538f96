// Package tasks is the Cloud Tasks API: it keeps queues and their tasks over
// restarts, and sends the tasks out.
package tasks
