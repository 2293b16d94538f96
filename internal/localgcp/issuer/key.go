package issuer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/authcall/authcall/internal/localgcp/statefile"
)

// keyIDBytes gives ids of 40 hexadecimal digits, as Google's are.
const keyIDBytes = 20

// key is a private key with the id under which its public half is published.
type key struct {
	id      string
	private crypto.Signer
	signer  jose.Signer
	public  jose.JSONWebKey
}

func newRSA() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) }

func newP256() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// openKey reads the key from the file, or makes it and keeps it there.
func openKey(path string, generate func() (crypto.Signer, error)) (*key, error) {
	private, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		private, err = createKey(path, generate)
	}
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	return newKey(private)
}

func readKey(path string) (crypto.Signer, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, fmt.Errorf("%s holds no PEM block", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	private, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%s holds a %T, which cannot sign", path, parsed)
	}
	return private, nil
}

// createKey makes a key. Where another process was quicker, its key counts; a
// broken start leaves no half key.
func createKey(path string, generate func() (crypto.Signer, error)) (crypto.Signer, error) {
	private, err := generate()
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	data := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := statefile.Create(path, data); err != nil {
		return nil, err
	}
	return readKey(path)
}

func newKey(private crypto.Signer) (*key, error) {
	alg := jose.RS256
	if _, ok := private.(*ecdsa.PrivateKey); ok {
		alg = jose.ES256
	}
	public := jose.JSONWebKey{Key: private.Public(), Algorithm: string(alg), Use: "sig"}
	sum, err := public.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, err
	}
	public.KeyID = hex.EncodeToString(sum[:keyIDBytes])
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: private, KeyID: public.KeyID}},
		(&jose.SignerOptions{}).WithType("JWT"))
	return &key{id: public.KeyID, private: private, signer: signer, public: public}, err
}

// sign makes a JWT of the claims.
func (k *key) sign(claims any) (string, error) {
	return jwt.Signed(k.signer).Claims(claims).Serialize()
}
