package issuer

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// certificateLife is how long a published certificate is valid; Google's are
// good for 17 days.
const certificateLife = 17 * 24 * time.Hour

// Handler publishes the public keys at Google's paths: those of ID tokens at
// /oauth2/v3/certs (JSON Web Key Set) and /oauth2/v1/certs (certificates by key
// id), those of IAP at /iap/verify/public_key-jwk, and those of the service
// accounts that exist says exist at /service_accounts/v1/jwk/EMAIL.
func (i *Issuer) Handler(exists func(email string) bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /oauth2/v3/certs", publish(one(i.id)))
	mux.HandleFunc("GET /oauth2/v1/certs", i.publishCertificates)
	mux.HandleFunc("GET /iap/verify/public_key-jwk", publish(one(i.iap)))
	mux.HandleFunc("GET /service_accounts/v1/jwk/{email}", func(w http.ResponseWriter, r *http.Request) {
		email := r.PathValue("email")
		if !exists(email) {
			http.NotFound(w, r)
			return
		}
		publish(i.accountKeys(email))(w, r)
	})
	return mux
}

func publish(keys func() (jose.JSONWebKeySet, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		set, err := keys()
		writeDocument(w, set, err)
	}
}

func (i *Issuer) publishCertificates(w http.ResponseWriter, _ *http.Request) {
	certificate, err := i.certificate(i.id)
	writeDocument(w, map[string]string{i.id.id: certificate}, err)
}

func writeDocument(w http.ResponseWriter, document any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Cache-Control", "public, max-age=3600, must-revalidate")
	_ = json.NewEncoder(w).Encode(document)
}

// certificate signs the key with itself, for clients that read keys from
// certificates only.
func (i *Issuer) certificate(k *key) (string, error) {
	now := i.now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.Unix()),
		Subject:      pkix.Name{CommonName: "federated-signon.system.gserviceaccount.com"},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(certificateLife),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, k.private.Public(), k.private)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), nil
}
