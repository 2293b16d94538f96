package gateconfig

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/go-jose/go-jose/v4"
)

// keyCount is how many keys a configuration has room for: Google publishes two,
// and for a while around a change of keys a third.
const keyCount = 3

const maxKeysBytes = 1 << 20

// KeyFiles are the files that WriteKeys writes in a directory.
func KeyFiles(dir string) []string {
	files := make([]string, keyCount)
	for i := range files {
		files[i] = filepath.Join(dir, fmt.Sprintf("google-%d.pem", i+1))
	}
	return files
}

// WriteKeys fetches the keys at a URL and writes each into one of KeyFiles, as
// PEM. There are always all files: the last key fills those that are left.
func WriteKeys(ctx context.Context, client *http.Client, url, dir string) error {
	if !(Settings{KeysURL: url}).goodKeysURL() {
		return fmt.Errorf("keys URL %q, want https", url)
	}
	keys, err := fetchKeys(ctx, client, url)
	if err != nil {
		return fmt.Errorf("fetch the issuer's keys: %w", err)
	}
	for i, file := range KeyFiles(dir) {
		if err := writeKey(file, keys[min(i, len(keys)-1)]); err != nil {
			return err
		}
	}
	return nil
}

// fetchKeys returns between one and keyCount keys.
func fetchKeys(ctx context.Context, client *http.Client, url string) (keys []jose.JSONWebKey, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", request.URL.Host, answer.Status)
	}
	var set jose.JSONWebKeySet
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxKeysBytes)).Decode(&set); err != nil {
		return nil, fmt.Errorf("%s: %w", request.URL.Host, err)
	}
	if n := len(set.Keys); n == 0 || n > keyCount {
		return nil, fmt.Errorf("%s answered with %d keys, want 1 to %d", request.URL.Host, n, keyCount)
	}
	return set.Keys, nil
}

// writeKey replaces a file at once, for the proxy may be reading it.
func writeKey(file string, key jose.JSONWebKey) error {
	der, err := x509.MarshalPKIXPublicKey(key.Key)
	if err != nil {
		return fmt.Errorf("key %q: %w", key.KeyID, err)
	}
	fresh := file + ".new"
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	if err := os.WriteFile(fresh, text, 0o644); err != nil { //nolint:gosec // a public key, which the proxy's own user reads
		return err
	}
	return os.Rename(fresh, file)
}
