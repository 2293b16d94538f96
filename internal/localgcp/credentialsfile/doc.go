// Package credentialsfile makes the credentials files that Google's libraries
// read, of every type that people have.
package credentialsfile
