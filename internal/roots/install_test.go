package roots

import (
	"crypto/x509"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// TestMain plays, under the name verify, a program that checks a certificate as
// any client does: the authorities of a process are found only once.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != "verify" {
		os.Exit(m.Run())
	}
	if err := verify(os.Args[1]); err != nil {
		os.Exit(1)
	}
}

// verify checks an authority of the bundle against those of the system, after
// Install, or against those of Pool.
func verify(against string) (err error) {
	var authorities *x509.CertPool // nil means the system's
	switch against {
	case "install":
		err = Install()
	case "pool":
		authorities, err = Pool("")
	}
	if err != nil {
		return err
	}
	for root := range bundle.Roots() {
		cert, err := x509.ParseCertificate(root.Certificate)
		if err != nil || root.Constraint != nil {
			continue
		}
		_, err = cert.Verify(x509.VerifyOptions{Roots: authorities, CurrentTime: cert.NotBefore.Add(time.Hour), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
		return err
	}
	return errors.New("the bundle is empty")
}

// On a system without authorities, as an image built from nothing, those inside the
// binary count.
func TestBareSystem(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	empty := t.TempDir()
	bare := []string{"SSL_CERT_FILE=" + filepath.Join(empty, "none.pem"), "SSL_CERT_DIR=" + empty}
	tests := []struct {
		name    string
		against string
		trusted bool
	}{
		{"the system's, of which there are none", "system", false},
		{"those that are installed", "install", true},
		{"those of a pool", "pool", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), self)
			cmd.Args, cmd.Env = []string{"verify", tt.against}, bare
			if err := cmd.Run(); (err == nil) != tt.trusted {
				t.Errorf("the check ended with %v, want trusted: %v", err, tt.trusted)
			}
		})
	}
}

func TestHasBundle(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	full, empty := filepath.Join(dir, "full.pem"), filepath.Join(dir, "empty.pem")
	for path, content := range map[string]string{full: "x", empty: ""} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]bool{full: true, empty: false, dir: false, filepath.Join(dir, "none.pem"): false} {
		if got := hasBundle(path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
}
