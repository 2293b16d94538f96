// Package iam knows who is who and who may do what in the local Google: its
// principals, the role bindings that give them permissions, and the access
// tokens by which they are known.
package iam
