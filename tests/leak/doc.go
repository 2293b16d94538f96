// Package leak proves that no token is ever seen: not in a log at any level, an
// error, a file or an argument.
package leak
