// Package terraform writes senders, and the bindings that they need, as
// configuration of Terraform's Google provider.
package terraform
