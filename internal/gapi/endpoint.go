package gapi

import (
	"context"
	"fmt"
	"net"
	"strings"
	"syscall"
)

// Endpoint completes HOST or HOST:PORT to host:port; 443 is the default.
func Endpoint(given string) (string, error) {
	if strings.Contains(given, "://") || strings.ContainsAny(given, "/?#@") {
		return "", fmt.Errorf("want HOST or HOST:PORT without a scheme, got %q", given)
	}
	address := given
	if _, _, err := net.SplitHostPort(address); err != nil {
		address = net.JoinHostPort(strings.Trim(address, "[]"), "443")
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || port == "" {
		return "", fmt.Errorf("want HOST or HOST:PORT, got %q", given)
	}
	return address, nil
}

// isLoopback tells whether an endpoint names this machine, by address or as
// localhost.
func isLoopback(endpoint string) bool {
	host, _, err := net.SplitHostPort(endpoint)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// dialLoopback connects to loopback addresses only: whatever localhost may
// resolve to, a token never leaves this machine without TLS.
func dialLoopback(ctx context.Context, address string) (net.Conn, error) {
	d := net.Dialer{Control: func(_, resolved string, _ syscall.RawConn) error {
		if !isLoopback(resolved) {
			return fmt.Errorf("refusing a connection without TLS to %s: not a loopback address", resolved)
		}
		return nil
	}}
	return d.DialContext(ctx, "tcp", address)
}
