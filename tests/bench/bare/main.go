// Command bare is the yardstick of `make bench`: the three requests of one
// authenticated call (access token, ID token, the call itself) on the standard
// library alone, with no options, no retry, no diagnosis and no outputs but the
// body.
//
// usage: bare URL SERVICE_ACCOUNT AUDIENCE
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: bare URL SERVICE_ACCOUNT AUDIENCE")
		os.Exit(2)
	}
	if err := call(context.Background(), os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func call(ctx context.Context, url, serviceAccount, audience string) error {
	var access struct {
		Token string `json:"access_token"`
	}
	metadata := "http://" + os.Getenv("GCE_METADATA_HOST") + "/computeMetadata/v1/instance/service-accounts/default/token"
	if err := exchange(ctx, http.MethodGet, metadata, "Metadata-Flavor", "Google", nil, into(&access)); err != nil {
		return err
	}
	var id struct {
		Token string `json:"token"`
	}
	mint := os.Getenv("AUTHCALL_IAM_ENDPOINT") + "/v1/projects/-/serviceAccounts/" + serviceAccount + ":generateIdToken"
	body, err := json.Marshal(map[string]any{"audience": audience, "includeEmail": true})
	if err != nil {
		return err
	}
	if err := exchange(ctx, http.MethodPost, mint, "Authorization", "Bearer "+access.Token, body, into(&id)); err != nil {
		return err
	}
	return exchange(ctx, http.MethodPost, url, "Authorization", "Bearer "+id.Token, nil, func(r io.Reader) error {
		_, err := io.Copy(os.Stdout, r)
		return err
	})
}

// exchange sends one request with one header more than needed and hands the
// body of a 200 on.
func exchange(ctx context.Context, method, url, header, value string, body []byte, read func(io.Reader) error) error {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set(header, value)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: got status %s, want 200", method, url, resp.Status)
	}
	return read(resp.Body)
}

func into(v any) func(io.Reader) error {
	return func(r io.Reader) error { return json.NewDecoder(r).Decode(v) }
}
