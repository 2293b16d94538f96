// Package gate lets only callers with a valid Google ID token into an HTTP
// service: it verifies what Cloud Run's own front door would verify, where
// there is no such front door.
package gate
