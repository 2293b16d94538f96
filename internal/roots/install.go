package roots

import (
	"crypto/x509"
	"os"
	"slices"
)

// Install makes the authorities inside the binary those of a system that has
// none, as an image built from nothing. It costs two calls of the system where
// there are some. It is called once, by main, for it holds for the whole process.
func Install() error {
	if hasBundle(os.Getenv("SSL_CERT_FILE")) {
		return nil
	}
	pool, err := x509.SystemCertPool()
	if err == nil && !pool.Equal(x509.NewCertPool()) {
		return nil
	}
	if pool, err = embedded(); err != nil {
		return err
	}
	x509.SetFallbackRoots(pool)
	return nil
}

// hasBundle says whether a bundle lies where systems have it, or where the user
// says. It is a quick look before the exact one.
func hasBundle(given string) bool {
	places := []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"}
	if given != "" {
		places = []string{given}
	}
	return slices.ContainsFunc(places, func(path string) bool {
		info, err := os.Stat(path)
		return err == nil && info.Mode().IsRegular() && info.Size() > 0
	})
}
