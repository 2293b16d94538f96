package issuer_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/localgcp/issuer"
)

const caller = "caller@local-project.iam.gserviceaccount.com"

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func clock() time.Time { return start }

func open(t testing.TB, dir string) *issuer.Issuer {
	t.Helper()
	i, err := issuer.Open(dir, clock)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// document fetches one of the published documents.
func document(t testing.TB, i *issuer.Issuer, path string, into any) {
	t.Helper()
	w := httptest.NewRecorder()
	i.Handler(func(email string) bool { return email == caller }).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s: got %d", path, w.Code)
	}
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		t.Fatal(err)
	}
}

func claimsOf(t testing.TB, token string, alg jose.SignatureAlgorithm, keys jose.JSONWebKeySet) map[string]any {
	t.Helper()
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{alg})
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := parsed.Claims(keys, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestIDToken(t *testing.T) {
	t.Parallel()
	i := open(t, t.TempDir())
	base := map[string]any{
		"iss": "https://accounts.google.com", "aud": "https://hello.example.com", "sub": "1234", "azp": "1234",
		"iat": float64(start.Unix()), "exp": float64(start.Unix() + 3600),
	}
	with := func(more map[string]any) map[string]any {
		all := map[string]any{}
		for _, m := range []map[string]any{base, more} {
			for k, v := range m {
				all[k] = v
			}
		}
		return all
	}
	tests := []struct {
		name  string
		token issuer.IDToken
		want  map[string]any
	}{
		{"without email", issuer.IDToken{Subject: "1234", Audience: "https://hello.example.com"}, base},
		{
			"with email", issuer.IDToken{Subject: "1234", Audience: "https://hello.example.com", Email: caller},
			with(map[string]any{"email": caller, "email_verified": true}),
		},
		{
			"of an instance", issuer.IDToken{Subject: "1234", Audience: "https://hello.example.com", ComputeEngine: map[string]string{"zone": "z"}},
			with(map[string]any{"google": map[string]any{"compute_engine": map[string]any{"zone": "z"}}}),
		},
	}
	var keys jose.JSONWebKeySet
	document(t, i, "/oauth2/v3/certs", &keys)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			token, err := i.IDToken(tt.token)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, claimsOf(t, token, jose.RS256, keys)); diff != "" {
				t.Errorf("claims (-want +got):\n%s", diff)
			}
		})
	}
}

func TestIAPAssertion(t *testing.T) {
	t.Parallel()
	i := open(t, t.TempDir())
	token, err := i.IAPAssertion("1234", caller, "/projects/1/locations/l/services/s")
	if err != nil {
		t.Fatal(err)
	}
	var keys jose.JSONWebKeySet
	document(t, i, "/iap/verify/public_key-jwk", &keys)
	want := map[string]any{
		"iss": "https://cloud.google.com/iap", "aud": "/projects/1/locations/l/services/s",
		"sub": "accounts.google.com:1234", "email": caller,
		"iat": float64(start.Unix()), "exp": float64(start.Unix() + 600),
	}
	if diff := cmp.Diff(want, claimsOf(t, token, jose.ES256, keys)); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

func TestSignaturesOfAccounts(t *testing.T) {
	t.Parallel()
	i := open(t, t.TempDir())
	keyID, token, err := i.SignJWT(caller, []byte(`{"any":"claim"}`))
	if err != nil {
		t.Fatal(err)
	}
	var keys jose.JSONWebKeySet
	document(t, i, "/service_accounts/v1/jwk/"+caller, &keys)
	if got := claimsOf(t, token, jose.RS256, keys); got["any"] != "claim" || keys.Keys[0].KeyID != keyID {
		t.Errorf("got claims %v by key %s, want any=claim by key %s", got, keys.Keys[0].KeyID, keyID)
	}
	blobKeyID, signature, err := i.SignBlob(caller, []byte("blob"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("blob"))
	if err := rsa.VerifyPKCS1v15(keys.Keys[0].Key.(*rsa.PublicKey), crypto.SHA256, sum[:], signature); err != nil || blobKeyID != keyID {
		t.Errorf("blob signed by key %s: %v, want key %s", blobKeyID, err, keyID)
	}
	if otherID, _, err := i.SignJWT("other@example.com", []byte(`{}`)); err != nil || otherID == keyID {
		t.Errorf("another account signs with key %s, %v, want one of its own", otherID, err)
	}
}

func TestKeySetsAreApart(t *testing.T) {
	t.Parallel()
	i := open(t, t.TempDir())
	idToken, err := i.IDToken(issuer.IDToken{Subject: "1", Audience: "a"})
	if err != nil {
		t.Fatal(err)
	}
	assertion, err := i.IAPAssertion("1", caller, "a")
	if err != nil {
		t.Fatal(err)
	}
	_, signed, err := i.SignJWT(caller, []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	tokens := map[string]string{"ID token": idToken, "assertion": assertion, "signed by the account": signed, "no token": "x"}
	sets := []struct {
		name string
		keys gate.KeySet
		own  string
	}{
		{"ID token keys", i.IDTokenKeys(), "ID token"},
		{"IAP keys", i.IAPKeys(), "assertion"},
		{"account keys", i.AccountKeys(caller), "signed by the account"},
		{"another account's keys", i.AccountKeys("other@example.com"), ""},
	}
	for _, set := range sets {
		for name, token := range tokens {
			_, err := set.keys.VerifySignature(t.Context(), token)
			if good := err == nil; good != (name == set.own) {
				t.Errorf("%s on %s: %v", set.name, name, err)
			}
		}
	}
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	i := open(t, t.TempDir())
	var certificates map[string]string
	document(t, i, "/oauth2/v1/certs", &certificates)
	var keys jose.JSONWebKeySet
	document(t, i, "/oauth2/v3/certs", &keys)
	block, _ := pem.Decode([]byte(certificates[keys.Keys[0].KeyID]))
	if block == nil {
		t.Fatalf("got %v, want a certificate of key %s", certificates, keys.Keys[0].KeyID)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if !certificate.PublicKey.(*rsa.PublicKey).Equal(keys.Keys[0].Key) {
		t.Error("the certificate is of another key than the key set")
	}
	if start.Before(certificate.NotBefore) || start.After(certificate.NotAfter) {
		t.Errorf("the certificate is good from %s to %s, want now", certificate.NotBefore, certificate.NotAfter)
	}
}

func TestUnknownAccountHasNoKeys(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	open(t, t.TempDir()).Handler(func(string) bool { return false }).
		ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/service_accounts/v1/jwk/"+caller, nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("got %d, want 404", w.Code)
	}
}

func TestKeysSurviveARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := open(t, dir)
	if _, _, err := first.SignJWT(caller, []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/oauth2/v3/certs", "/iap/verify/public_key-jwk", "/service_accounts/v1/jwk/" + caller} {
		var before, after any
		document(t, first, path, &before)
		document(t, open(t, dir), path, &after)
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("%s changed (-before +after):\n%s", path, diff)
		}
	}
	secrets := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		secrets++
		info, err := d.Info()
		if err == nil && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %s, want 0600", path, info.Mode())
		}
		return err
	})
	if err != nil || secrets != 3 {
		t.Errorf("got %d key files, %v, want 3", secrets, err)
	}
}

// Two processes may start on one state directory at once.
func TestConcurrentFirstStartsAgree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var documents [3]any
	var all sync.WaitGroup
	for n := range documents {
		all.Go(func() { document(t, open(t, dir), "/oauth2/v3/certs", &documents[n]) })
	}
	all.Wait()
	for _, d := range documents[1:] {
		if diff := cmp.Diff(documents[0], d); diff != "" {
			t.Errorf("two starts have different keys:\n%s", diff)
		}
	}
}

func TestOpenRefusesBrokenKeys(t *testing.T) {
	t.Parallel()
	encryption := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("junk")})
	tests := []struct{ name, data, want string }{
		{"no PEM", "junk", "no PEM block"},
		{"PEM of junk", string(encryption), "id-token.pem"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "id-token.pem"), []byte(tt.data), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := issuer.Open(dir, nil); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}
