package issuer

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/url"
	"path/filepath"
)

// SignJWT signs a JSON payload with the service account's own key and returns
// the key's id beside the JWT.
func (i *Issuer) SignJWT(email string, payload []byte) (keyID, token string, err error) {
	k, err := i.account(email)
	if err != nil {
		return "", "", err
	}
	jws, err := k.signer.Sign(payload)
	if err != nil {
		return "", "", fmt.Errorf("sign a JWT as %s: %w", email, err)
	}
	token, err = jws.CompactSerialize()
	return k.id, token, err
}

// SignBlob signs any bytes with the service account's own key, as RSA PKCS #1
// v1.5 over SHA-256.
func (i *Issuer) SignBlob(email string, blob []byte) (keyID string, signature []byte, err error) {
	k, err := i.account(email)
	if err != nil {
		return "", nil, err
	}
	sum := sha256.Sum256(blob)
	signature, err = k.private.Sign(rand.Reader, sum[:], crypto.SHA256)
	return k.id, signature, err
}

// account makes an account's key on first use, for most accounts never sign.
func (i *Issuer) account(email string) (*key, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if k, ok := i.accounts[email]; ok {
		return k, nil
	}
	k, err := openKey(filepath.Join(i.dir, "accounts", url.PathEscape(email)+".pem"), newRSA)
	if err == nil {
		i.accounts[email] = k
	}
	return k, err
}
