// Package tokeninfo tells what a token is, whether it is good and why not, and
// who accepts it. It never repeats the token.
package tokeninfo
