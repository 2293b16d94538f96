package gateconfig_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/authcall/authcall/internal/gateconfig"
)

// issuer answers every request in the same way.
func issuer(t *testing.T, status int, body string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// keySet is a set of new keys in JSON.
func keySet(t *testing.T, n int) (set jose.JSONWebKeySet, text string) {
	t.Helper()
	for i := range n {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.Public(), KeyID: fmt.Sprint("key-", i)})
	}
	data, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return set, string(data)
}

func TestWriteKeys(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 3; n++ {
		t.Run(fmt.Sprint(n, " keys"), func(t *testing.T) {
			t.Parallel()
			set, text := keySet(t, n)
			dir := t.TempDir()
			for range 2 { // the second replaces what the first wrote
				if err := gateconfig.WriteKeys(t.Context(), http.DefaultClient, issuer(t, http.StatusOK, text), dir); err != nil {
					t.Fatal(err)
				}
			}
			for i, file := range gateconfig.KeyFiles(dir) {
				want, ok := set.Keys[min(i, n-1)].Key.(*ecdsa.PublicKey)
				if !ok || !want.Equal(readKey(t, file)) {
					t.Errorf("%s holds another key", file)
				}
			}
			if left, err := filepath.Glob(filepath.Join(dir, "*.new")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func readKey(t *testing.T, file string) any {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	block, rest := pem.Decode(text)
	if block == nil || len(rest) > 0 {
		t.Fatalf("%s holds %q, want one PEM block", file, text)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestWriteKeysRefuses(t *testing.T) {
	t.Parallel()
	_, four := keySet(t, 4)
	tests := []struct {
		name, url, wantErr string
	}{
		{"server error", issuer(t, http.StatusBadGateway, ""), "502 Bad Gateway"},
		{"no keys", issuer(t, http.StatusOK, `{"keys":[]}`), "0 keys, want 1 to 3"},
		{"more keys than there is room for", issuer(t, http.StatusOK, four), "4 keys, want 1 to 3"},
		{"not JSON", issuer(t, http.StatusOK, "<html>"), "invalid character"},
		{"a secret", issuer(t, http.StatusOK, `{"keys":[{"kty":"oct","kid":"s","k":"AAAA"}]}`), `key "s"`},
		{"in the clear", "http://issuer.example/keys", "want https"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			err := gateconfig.WriteKeys(t.Context(), http.DefaultClient, tt.url, dir)
			if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
				t.Errorf("got %v, want an error with %q", err, tt.wantErr)
			}
			if files, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(files) > 0 {
				t.Errorf("written: %v, %v", files, err)
			}
		})
	}
}
