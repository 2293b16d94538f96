package gate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

const (
	maxKeysBytes = 1 << 20
	// refetchAfter spares the issuer a fetch for every forged token that names
	// an unknown key. Google publishes a key long before it signs with it.
	refetchAfter = time.Minute
)

var errNoKeys = errors.New("the issuer's keys could not be fetched")

func remoteKeys(ctx context.Context, p Policy) KeySet {
	client := *p.HTTPClient
	client.Transport = &keyFetcher{next: client.Transport, now: p.Now}
	return oidc.NewRemoteKeySet(oidc.ClientContext(ctx, &client), p.KeysURL)
}

// keyFetcher answers from memory for a while after each good fetch, and makes
// every failure recognisable as errNoKeys.
type keyFetcher struct {
	next http.RoundTripper
	now  func() time.Time

	mu      sync.Mutex
	body    []byte
	fetched time.Time
}

func (f *keyFetcher) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.body == nil || f.now().Sub(f.fetched) >= refetchAfter {
		body, err := f.fetch(r)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errNoKeys, err)
		}
		f.body, f.fetched = body, f.now()
	}
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       io.NopCloser(bytes.NewReader(f.body)),
		Request:    r,
	}, nil
}

func (f *keyFetcher) fetch(r *http.Request) (body []byte, err error) {
	next := f.next
	if next == nil {
		next = http.DefaultTransport
	}
	answer, err := next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", r.URL.Host, answer.Status)
	}
	body, err = io.ReadAll(io.LimitReader(answer.Body, maxKeysBytes))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.URL.Host, err)
	}
	if !json.Valid(body) {
		return nil, fmt.Errorf("%s answered with something that is not JSON", r.URL.Host)
	}
	return body, nil
}
