// Package gateconfig writes the configuration with which a proxy verifies Google
// ID tokens in front of a service: the same rules as those of package gate, in
// the proxy's own language.
package gateconfig
