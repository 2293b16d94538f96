package diagnose

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/authcall/authcall/internal/call"
)

func connectCure(e *call.Error) string {
	if wantsCertificate(e) {
		return "where the service wants a certificate of the caller, set client_certificate to one that it knows"
	}
	switch e.Problem {
	case call.TimedOut:
		return "raise timeout_seconds, or see in the service's log what takes so long"
	case call.Silent:
		return "raise AUTHCALL_HEADER_TIMEOUT or AUTHCALL_IDLE_TIMEOUT, or see in the service's log what takes so long"
	case call.Untrusted:
		return certificateCure(e.Err)
	case call.NotConnected:
		return dialCure(e.Err)
	case call.Broken:
		return "see in the service's log whether it took the call; idempotency_key makes trying again safe"
	case call.TooLarge:
		return "raise max_response_bytes"
	case call.Truncated:
		return "see in the service's log why it stopped (a timeout or a crash while it answered)"
	}
	return ""
}

// wantsCertificate knows a service that seems to have refused the caller's
// certificate, or that it showed none: while the connection was made (TLS 1.2), or
// behind that (1.3).
func wantsCertificate(e *call.Error) bool {
	_, alert, refused := strings.Cut(e.Error(), "remote error: tls: ")
	return refused && (strings.Contains(alert, "certificate") || strings.Contains(alert, "handshake failure"))
}

func certificateCure(err error) string {
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &host):
		return "check the host in url: the service's certificate is for another"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "renew the service's certificate, or set this machine's clock"
	}
	return "name a PEM file with the service's authority in roots, or in SSL_CERT_FILE with all others"
}

func dialCure(err error) string {
	var network *net.OpError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &network) && network.Op == "proxyconnect", strings.Contains(err.Error(), http.StatusText(http.StatusProxyAuthRequired)):
		return "check HTTPS_PROXY and HTTP_PROXY, or except the host in NO_PROXY"
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "check the port in url: what listens there speaks no TLS"
	}
	return "check the host and port in url, and that this network reaches it"
}
