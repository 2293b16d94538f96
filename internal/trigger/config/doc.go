// Package config reads what a receiver of events is told to do, strictly, and
// checks all of it before the first event comes.
package config
