package issuer

import (
	"crypto/x509"
	"encoding/pem"
)

// PrivateKey gives an account's private key away in PKCS #8, as the download of a
// key file does.
func (i *Issuer) PrivateKey(email string) (keyID string, pkcs8 []byte, err error) {
	k, err := i.account(email)
	if err != nil {
		return "", nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		return "", nil, err
	}
	return k.id, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}
