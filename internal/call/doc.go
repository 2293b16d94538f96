// Package call makes one HTTP call as a stack of http.RoundTrippers in a
// written order, and streams the answer.
package call
