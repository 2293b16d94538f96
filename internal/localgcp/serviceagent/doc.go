// Package serviceagent mints tokens as Google's senders do: as their service
// agent, with its right on the account that the sender is to call as.
package serviceagent
