// Package architecture tests the shape of the tree: which room may import
// which, what the step must not link, and the rules of the house that no
// linter knows.
package architecture
