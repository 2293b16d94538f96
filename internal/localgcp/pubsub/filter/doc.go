// Package filter is the language in which a Pub/Sub subscription says which
// messages it wants, by their attributes.
package filter
