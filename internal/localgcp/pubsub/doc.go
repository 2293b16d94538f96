// Package pubsub is Google Cloud Pub/Sub for one machine: topics, pull and push
// subscriptions and their policies, kept over restarts, on the local Google's clock.
package pubsub
