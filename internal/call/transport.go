package call

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// idlePerHost keeps the connections of many callers to one host open; Go's
// default of 2 costs a TLS handshake for nearly every call of the others.
const idlePerHost = 100

// TransportOptions are what a transport is made of.
type TransportOptions struct {
	// AllowMetadata lifts the block on link-local and metadata addresses.
	AllowMetadata bool
	// ConnectTimeout bounds the making of a connection, and its TLS handshake;
	// zero means no bound of its own.
	ConnectTimeout time.Duration
	// HeaderTimeout bounds the wait for an answer's header after the request was
	// sent; zero means no bound of its own.
	HeaderTimeout time.Duration
	// Roots are the authorities that servers' certificates must come from; nil
	// means the system's.
	Roots *x509.CertPool
	// Certificates are shown to servers that ask for one.
	Certificates []tls.Certificate
}

// NewTransport is the one transport of a process, at the bottom of every
// stack. It differs from http.DefaultTransport in that
//   - it does not connect to link-local and metadata addresses, whatever name
//     led there, unless that is allowed;
//   - it keeps more idle connections for each host;
//   - it leaves bodies as they come, compressed ones too.
//
// Proxies come from the environment.
func NewTransport(o TransportOptions) *http.Transport {
	dialer := &net.Dialer{Timeout: o.ConnectTimeout, KeepAlive: 30 * time.Second}
	if !o.AllowMetadata {
		dialer.ControlContext = refuseMetadata
	}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Roots, Certificates: o.Certificates},
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          2 * idlePerHost,
		MaxIdleConnsPerHost:   idlePerHost,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   o.ConnectTimeout,
		ResponseHeaderTimeout: o.HeaderTimeout,
		ExpectContinueTimeout: time.Second,
		DisableCompression:    true,
	}
}

// refuseMetadata checks the address after name resolution, on the very
// connection that is about to be made, so that no later answer of a name
// server can lead elsewhere.
func refuseMetadata(_ context.Context, _, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("address %q: %w", address, err)
	}
	if ip := target.Addr(); forbidden(ip) {
		return &PolicyError{Problem: fmt.Sprintf("%s is a link-local address, where metadata servers live; a call may not go there", ip)}
	}
	return nil
}

// forbidden knows the addresses at which metadata servers live: link-local ones,
// Google's and Amazon's for machines without IPv4, and the way of those to IPv4.
func forbidden(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	if nat64 := netip.MustParsePrefix("64:ff9b::/96"); nat64.Contains(ip) {
		bytes := ip.As16()
		ip, _ = netip.AddrFromSlice(bytes[12:])
	}
	return ip.IsLinkLocalUnicast() || slices.Contains([]string{"fd20:ce::254", "fd00:ec2::254"}, ip.String())
}
