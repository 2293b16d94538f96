package vertex

import (
	"context"
	"fmt"
	"net"
	"strings"
	"syscall"
)

// Endpoint returns the host:port of the service: the given one, or the regional
// one of Vertex AI. The global host knows no pipeline jobs.
func Endpoint(location, given string) (string, error) {
	if given == "" {
		if err := checkLocation(location); err != nil {
			return "", err
		}
		return location + "-aiplatform.googleapis.com:443", nil
	}
	if strings.Contains(given, "://") || strings.ContainsAny(given, "/?#@") {
		return "", fmt.Errorf("invalid Vertex AI endpoint: want HOST or HOST:PORT without a scheme, got %q", given)
	}
	if _, _, err := net.SplitHostPort(given); err != nil {
		given = net.JoinHostPort(strings.Trim(given, "[]"), "443")
	}
	host, port, err := net.SplitHostPort(given)
	if err != nil || host == "" || port == "" {
		return "", fmt.Errorf("invalid Vertex AI endpoint: want HOST or HOST:PORT, got %q", given)
	}
	return given, nil
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
