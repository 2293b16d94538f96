// Package yamlfault tells what is wrong with a YAML text in words of whoever wrote
// it, not of the library and its types.
package yamlfault
