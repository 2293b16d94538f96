// Package iamadmin is the part of the IAM API that makes service accounts and tells
// about them.
package iamadmin
