// Package auth turns Application Default Credentials into a credential for one
// target: an ID token, a signed JWT, an access token or nothing.
package auth
