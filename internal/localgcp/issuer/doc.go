// Package issuer signs what Google signs, with keys of its own that it keeps on
// disk: ID tokens, the assertions of IAP, and what service accounts have signed
// for them. It publishes the keys in the same documents as Google.
package issuer
