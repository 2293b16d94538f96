// Package iamcredentials is the IAM Service Account Credentials API: tokens and
// signatures of a service account for those who may act in its name.
package iamcredentials
