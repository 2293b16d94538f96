// Package fieldmask changes a resource as an update of one of Google's APIs asks.
package fieldmask
