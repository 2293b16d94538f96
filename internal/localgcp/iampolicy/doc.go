// Package iampolicy is what all of Google's APIs have in common about the policies
// of their resources: reading, replacing and testing them.
package iampolicy
