// Package subscriptions sets up the push subscriptions of Pub/Sub that call with
// a token, and publishes messages to their topics.
package subscriptions
