// Package iamadmin is the part of the IAM API by which callers find out about a
// service account: that it exists, and what they may do with it.
package iamadmin
