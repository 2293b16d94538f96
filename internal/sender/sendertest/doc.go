// Package sendertest stands in for the APIs of senders in tests: it keeps what is
// asked and answers what it is told to.
package sendertest
