// Package sender describes what Google's senders of HTTP requests with tokens
// (Cloud Scheduler, Cloud Tasks, Pub/Sub) send and to whom, and how a resource
// that is there differs from one that is wanted.
package sender
