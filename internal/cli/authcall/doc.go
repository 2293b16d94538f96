// Package authcall is the command line of the authcall program: one file for
// each command.
package authcall
