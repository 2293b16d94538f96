// Package oauthserver is Google's OAuth server as far as clients with
// credentials need it: access tokens for refresh tokens, and what an access
// token is good for.
package oauthserver
