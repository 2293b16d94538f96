// Package frontdoor stands before an application and lets in only whom Cloud Run
// or Identity-Aware Proxy would let in, and answers all others as those do.
package frontdoor
