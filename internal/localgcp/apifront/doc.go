// Package apifront is what stands before every method of Google's REST APIs: it
// knows the caller by an access token, and refuses where the API is disabled,
// the token's scopes do not do, or a fault has been ordered.
package apifront
