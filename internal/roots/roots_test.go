package roots

import (
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

func TestPoolTrustsAlsoAFilesAuthorities(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	path := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(path, block, 0o600); err != nil {
		t.Fatal(err)
	}
	for extra, trusted := range map[string]bool{"": false, path: true} {
		pool, err := Pool(extra)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := server.Certificate().Verify(x509.VerifyOptions{Roots: pool}); (err == nil) != trusted {
			t.Errorf("with %q: Verify = %v, want trusted: %v", extra, err, trusted)
		}
	}
}

func TestPoolRefusesAFileWithoutCertificates(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, extra := range []string{path, "/nowhere/ca.pem"} {
		if _, err := Pool(extra); err == nil {
			t.Errorf("Pool(%s): want an error", extra)
		}
	}
}

func TestEmbeddedAuthoritiesIncludeGoogles(t *testing.T) {
	t.Parallel()
	pool, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	google := 0
	for root := range bundle.Roots() {
		cert, err := x509.ParseCertificate(root.Certificate)
		if err != nil || !slices.Contains(cert.Subject.Organization, "Google Trust Services LLC") {
			continue
		}
		google++
		if _, err := cert.Verify(x509.VerifyOptions{Roots: pool, CurrentTime: cert.NotBefore.Add(time.Hour), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
			t.Errorf("%s: %v", cert.Subject.CommonName, err)
		}
	}
	if google == 0 {
		t.Error("there is no authority of Google")
	}
}
