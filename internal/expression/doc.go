// Package expression evaluates a user's jq expression over an HTTP answer,
// compiled before anything is sent and bounded in time and memory.
package expression
