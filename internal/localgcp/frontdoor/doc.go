// Package frontdoor stands before an application and lets in only whom Google's own
// front doors or a gateway of Envoy's kind would let in, and answers all others as
// those do.
package frontdoor
