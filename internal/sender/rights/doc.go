// Package rights knows which rights it takes for one of Google's senders to call a
// target with a token, looks which of them are there, and grants those that are
// missing.
package rights
