package component

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/authcall/authcall/internal/exitcode"
)

// clientCertificate makes a certificate that vouches for itself, and gives it with
// its key in PEM.
func clientCertificate(t *testing.T) (*x509.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return certificate, string(append(text, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...))
}

func TestTheClientCertificateComesFromSecretManager(t *testing.T) {
	certificate, both := clientCertificate(t)
	secretManager(t, map[string]string{
		"projects/p/secrets/certificate/versions/1": both,
		"projects/p/secrets/certificate/versions/2": "hunter2",
	})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].SerialNumber.String())
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	// In 1.3 the refusal comes behind the handshake, and may be lost with the connection.
	server.TLS.MaxVersion = tls.VersionTLS12
	server.TLS.ClientCAs.AddCert(certificate)
	server.StartTLS()
	defer server.Close()
	roots := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, version, roots, body string
		code                       int
		says                       string
	}{
		{name: "shown", version: "projects/p/secrets/certificate/versions/1", roots: roots, body: "1"},
		{name: "not shown", roots: roots, code: exitcode.Unreachable, says: "set client_certificate"},
		{name: "none in the secret", version: "projects/p/secrets/certificate/versions/2", roots: roots, code: exitcode.Usage, says: "holds no certificate with its key in PEM"},
		{name: "no right to the secret", version: "projects/p/secrets/other/versions/1", roots: roots, code: exitcode.Identity, says: "gcloud secrets add-iam-policy-binding other"},
		{name: "an unknown server", version: "projects/p/secrets/certificate/versions/1", code: exitcode.Unreachable, says: "authority in roots"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			options := map[string]string{"url": server.URL, "client_certificate": c.version, "roots": c.roots, "max_attempts": "1"}
			_, body, err := do(t, testPolicy(t), options)
			if c.code == exitcode.OK {
				if err != nil || body != c.body {
					t.Errorf("body %q, %v; want %q", body, err, c.body)
				}
				return
			}
			if finding := Explain(err); finding.Code != c.code || !strings.Contains(finding.String(), c.says) || strings.Contains(finding.String(), "hunter2") {
				t.Errorf("Explain = %+v, want code %d and %q", finding, c.code, c.says)
			}
		})
	}
}
