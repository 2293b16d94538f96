package call

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

const (
	connectTimeout = 10 * time.Second
	// idlePerHost keeps the connections of many callers to one host open; Go's
	// default of 2 costs a TLS handshake for nearly every call of the others.
	idlePerHost = 100
)

// NewTransport is the one transport of a process, at the bottom of every
// stack. It differs from http.DefaultTransport in that
//   - it does not connect to link-local and metadata addresses, whatever name
//     led there, unless allowMetadata is set;
//   - it keeps more idle connections for each host;
//   - it leaves bodies as they come, compressed ones too.
func NewTransport(allowMetadata bool) *http.Transport {
	dialer := &net.Dialer{Timeout: connectTimeout, KeepAlive: 30 * time.Second}
	if !allowMetadata {
		dialer.ControlContext = refuseMetadata
	}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          2 * idlePerHost,
		MaxIdleConnsPerHost:   idlePerHost,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   connectTimeout,
		ExpectContinueTimeout: time.Second,
		DisableCompression:    true,
	}
}

// metadataV6 is the address of the metadata server on IPv6-only machines.
var metadataV6 = netip.MustParseAddr("fd00:ec2::254")

// refuseMetadata checks the address after name resolution, on the very
// connection that is about to be made, so that no later answer of a name
// server can lead elsewhere.
func refuseMetadata(_ context.Context, _, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("address %q: %w", address, err)
	}
	if ip := target.Addr().Unmap(); ip.IsLinkLocalUnicast() || ip == metadataV6 {
		return &PolicyError{Problem: fmt.Sprintf("%s is a link-local address, where metadata servers live; a call may not go there", ip)}
	}
	return nil
}
