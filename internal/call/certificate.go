package call

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
)

// isCertificate says whether a connection failed over the server's
// certificate, which another try does not mend.
func isCertificate(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid)
}
