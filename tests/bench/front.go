package main

import (
	"encoding/pem"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
)

// newFront serves TLS on a loopback port and passes every request on to target
// over plain http.
func newFront(target string) (*httptest.Server, error) {
	to, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
	return httptest.NewTLSServer(proxy), nil
}

// writeRoots writes the certificates that the fronts are to be trusted by.
func writeRoots(path string, fronts ...*httptest.Server) error {
	var roots []byte
	for _, f := range fronts {
		roots = append(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})...)
	}
	return os.WriteFile(path, roots, 0o600)
}
