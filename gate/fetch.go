package gate

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

const (
	maxKeysBytes = 1 << 20
	// The time that an answer with keys is good for, where it names none, and the
	// bounds of what it may name.
	defaultLifetime = time.Hour
	minLifetime     = refetchAfter
	maxLifetime     = 24 * time.Hour
)

// published is an issuer's answer: its keys by their ids, and how long the
// answer is good for.
type published struct {
	keys     map[string]*key
	lifetime time.Duration
}

// keySource is where an issuer publishes its keys.
type keySource struct {
	url    string
	client http.Client
	// newContext makes the context of a fetch, which outlives the request that
	// it was made for, because others wait for it too.
	newContext func() (context.Context, context.CancelFunc)
}

func newKeySource(ctx context.Context, p Policy) *keySource {
	s := &keySource{url: p.KeysURL, client: *p.HTTPClient}
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.newContext = func() (context.Context, context.CancelFunc) {
		return context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
	}
	return s
}

func (s *keySource) fetch() (published, error) {
	keys, err := s.get()
	if err != nil {
		return published{}, fmt.Errorf("fetch the issuer's keys: %w", err)
	}
	return keys, nil
}

func (s *keySource) get() (keys published, err error) {
	ctx, cancel := s.newContext()
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, http.NoBody)
	if err != nil {
		return published{}, err
	}
	answer, err := s.client.Do(request)
	if err != nil {
		return published{}, err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	if answer.StatusCode != http.StatusOK {
		return published{}, fmt.Errorf("%s answered %s", request.URL.Host, answer.Status)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxKeysBytes))
	if err != nil {
		return published{}, fmt.Errorf("%s: %w", request.URL.Host, err)
	}
	keys = published{parseKeys(body), lifetime(answer.Header)}
	if len(keys.keys) == 0 {
		return published{}, fmt.Errorf("%s answered with no key that signs tokens", request.URL.Host)
	}
	return keys, nil
}

// parseKeys returns the public keys of a JSON Web Key Set by their ids. What it
// does not understand it leaves out: one odd key must not cost the others.
func parseKeys(body []byte) map[string]*key {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil
	}
	keys := make(map[string]*key, len(set.Keys))
	for _, raw := range set.Keys {
		var k jose.JSONWebKey
		if err := k.UnmarshalJSON(raw); err == nil && k.KeyID != "" && isPublic(k) {
			keys[k.KeyID] = &key{&oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{k.Key}}, k.KeyID, k.Algorithm}
		}
	}
	return keys
}

func isPublic(key jose.JSONWebKey) bool {
	switch key.Key.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey:
		return key.Use == "" || key.Use == "sig"
	default:
		return false
	}
}

// lifetime reads the max-age of Cache-Control.
func lifetime(h http.Header) time.Duration {
	for directive := range strings.SplitSeq(h.Get("Cache-Control"), ",") {
		text, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(directive)), "max-age=")
		if seconds, err := strconv.Atoi(text); ok && err == nil && seconds >= 0 {
			return min(max(time.Duration(min(seconds, int(maxLifetime/time.Second)))*time.Second, minLifetime), maxLifetime)
		}
	}
	return defaultLifetime
}
