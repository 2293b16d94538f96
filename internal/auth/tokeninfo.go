package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// googleToken is the token endpoint of Google's accounts; tokeninfo is beside it.
const googleToken = "https://oauth2.googleapis.com/token"

// tokenInfo asks who a user's access token stands for. Credentials of users do
// not tell. The token goes in the body, where no log sees it.
func (a *Ambient) tokenInfo(client *http.Client, tokenURI string) func(context.Context) (string, error) {
	if tokenURI == "" {
		tokenURI = googleToken
	}
	return func(ctx context.Context) (string, error) {
		token, err := a.Token(ctx)
		if err != nil {
			return "", err
		}
		body := strings.NewReader(url.Values{"access_token": {token.Reveal()}}.Encode())
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, tokenURI+"info", body)
		if err != nil {
			return "", err
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := client.Do(r)
		if err != nil {
			return "", err
		}
		defer func() { _ = response.Body.Close() }() // read below
		return emailOf(response)
	}
}

func emailOf(response *http.Response) (string, error) {
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("tokeninfo answered %s", response.Status)
	}
	var info struct {
		Email string `json:"email"`
	}
	const enough = 64 << 10
	if err := json.NewDecoder(io.LimitReader(response.Body, enough)).Decode(&info); err != nil {
		return "", fmt.Errorf("tokeninfo: %w", err)
	}
	return info.Email, nil // without the email scope it is not told
}
