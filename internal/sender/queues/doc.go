// Package queues sets up the queues of Cloud Tasks, and puts tasks into them that
// make HTTP calls with a token.
package queues
