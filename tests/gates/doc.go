// Package gates holds our tokens to gates that are not ours: real Envoy and real
// HAProxy, which verify them with the keys that the local Google publishes.
package gates
