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

const (
	// googleToken is the token endpoint of Google's accounts; tokeninfo is beside it.
	googleToken = "https://oauth2.googleapis.com/token"
	// GoogleTokenInfo tells about access tokens.
	GoogleTokenInfo = googleToken + "info"
)

// TokenInfo is what Google tells about an access token.
type TokenInfo struct {
	// Email is the account, "" where the token lacks the email scope.
	Email string
	// Scopes are what the token may be used for.
	Scopes []string
}

// ReadTokenInfo asks about the ambient access token. The token goes in the
// body, where no log sees it.
func (a *Ambient) ReadTokenInfo(ctx context.Context, client *http.Client, endpoint string) (TokenInfo, error) {
	token, err := a.Token(ctx)
	if err != nil {
		return TokenInfo{}, err
	}
	body := strings.NewReader(url.Values{"access_token": {token.Reveal()}}.Encode())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, body)
	if err != nil {
		return TokenInfo{}, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := client.Do(r)
	if err != nil {
		return TokenInfo{}, err
	}
	defer func() { _ = response.Body.Close() }() // read below
	return parseTokenInfo(response)
}

func parseTokenInfo(response *http.Response) (TokenInfo, error) {
	if response.StatusCode != http.StatusOK {
		return TokenInfo{}, fmt.Errorf("tokeninfo answered %s", response.Status)
	}
	var info struct {
		Email string `json:"email"`
		Scope string `json:"scope"`
	}
	const enough = 64 << 10
	if err := json.NewDecoder(io.LimitReader(response.Body, enough)).Decode(&info); err != nil {
		return TokenInfo{}, fmt.Errorf("tokeninfo: %w", err)
	}
	return TokenInfo{Email: info.Email, Scopes: strings.Fields(info.Scope)}, nil
}

// emailFromTokenInfo finds out who a user's credentials stand for: they do not
// tell.
func (a *Ambient) emailFromTokenInfo(client *http.Client, tokenURI string) func(context.Context) (string, error) {
	if tokenURI == "" {
		tokenURI = googleToken
	}
	return func(ctx context.Context) (string, error) {
		info, err := a.ReadTokenInfo(ctx, client, tokenURI+"info")
		return info.Email, err
	}
}
