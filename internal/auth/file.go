package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path"
	"strings"

	"golang.org/x/oauth2/google"
)

// credentialsFile is a credentials file as far as Google's library leaves it
// to its callers.
type credentialsFile struct {
	Type          string          `json:"type"`
	ClientEmail   string          `json:"client_email"`
	TokenURI      string          `json:"token_uri"`
	QuotaProject  string          `json:"quota_project_id"`
	Impersonation string          `json:"service_account_impersonation_url"`
	Delegates     []string        `json:"delegates"`
	Source        json.RawMessage `json:"source_credentials"`
	// Audience is the workload identity provider, and Workload the place of the
	// workload's own token.
	Audience string           `json:"audience"`
	Workload credentialSource `json:"credential_source"`
}

// fromFile makes the identity that a credentials file of any type stands for.
func fromFile(ctx context.Context, client *http.Client, creds *google.Credentials, origin string) (*Ambient, error) {
	var file credentialsFile
	if err := json.Unmarshal(creds.JSON, &file); err != nil {
		return nil, &NoCredentialsError{Err: fmt.Errorf("%s is not JSON", origin)}
	}
	account := file.ClientEmail
	if account == "" {
		account = impersonated(file.Impersonation)
	}
	a := &Ambient{
		Origin:       origin,
		tokens:       creds.TokenSource,
		email:        func(context.Context) (string, error) { return account, nil },
		universe:     func(context.Context) (string, error) { return creds.GetUniverseDomain() },
		quotaProject: quotaProject(file.QuotaProject),
		patient:      within(endpointPatience),
	}
	var err error
	switch google.CredentialsType(file.Type) {
	case google.ServiceAccount:
		a.identity = keyIdentity(ctx, creds.JSON)
	case google.AuthorizedUser:
		a.email = a.emailFromTokenInfo(client, file.TokenURI)
	case google.ImpersonatedServiceAccount:
		a.self, err = impersonator(ctx, client, file, origin)
	case google.ExternalAccount:
		a.self, err = federated(ctx, client, creds.JSON, file, origin)
		a.workload = file.workload
	}
	return a, err
}

// quotaProject is the project that requests count against: the environment's
// goes before the file's.
func quotaProject(inFile string) string {
	if project := os.Getenv("GOOGLE_CLOUD_QUOTA_PROJECT"); project != "" {
		return project
	}
	return inFile
}

// keyIdentity has the token endpoint turn the key's signature into an ID token.
func keyIdentity(ctx context.Context, key []byte) func(context.Context, string) (string, error) {
	return func(_ context.Context, audience string) (string, error) {
		config, err := google.JWTConfigFromJSON(key)
		if err != nil {
			return "", &NoCredentialsError{Err: err}
		}
		config.UseIDToken = true
		config.PrivateClaims = map[string]any{"target_audience": audience}
		token, err := config.TokenSource(ctx).Token()
		if err != nil {
			return "", err
		}
		return token.AccessToken, nil
	}
}

// impersonator is the identity that an impersonation file rests on. Asking as
// the impersonated account for a token of its own would need a right of that
// account on itself, which hardly any has.
func impersonator(ctx context.Context, client *http.Client, file credentialsFile, origin string) (*delegation, error) {
	var source credentialsFile
	if err := json.Unmarshal(file.Source, &source); err != nil {
		return nil, &NoCredentialsError{Err: fmt.Errorf("%s has no source_credentials", origin)}
	}
	ambient, err := fromJSON(ctx, client, file.Source, source.Type, origin)
	if err != nil {
		return nil, err
	}
	return &delegation{ambient: ambient, delegates: emails(file.Delegates)}, nil
}

// federated is the workload identity itself, without the service account that
// its file impersonates; nil where it impersonates none.
func federated(ctx context.Context, client *http.Client, data []byte, file credentialsFile, origin string) (*delegation, error) {
	if file.Impersonation == "" {
		return nil, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, &NoCredentialsError{Err: err}
	}
	delete(fields, "service_account_impersonation_url")
	bare, err := json.Marshal(fields)
	if err != nil {
		return nil, &NoCredentialsError{Err: err}
	}
	ambient, err := fromJSON(ctx, client, bare, file.Type, origin)
	if err != nil {
		return nil, err
	}
	return &delegation{ambient: ambient}, nil
}

func fromJSON(ctx context.Context, client *http.Client, data []byte, kind, origin string) (*Ambient, error) {
	creds, err := google.CredentialsFromJSONWithType(ctx, data, google.CredentialsType(kind), cloudPlatform)
	if err != nil {
		return nil, &NoCredentialsError{Err: err}
	}
	return fromFile(ctx, client, creds, origin)
}

// impersonated reads the account out of an impersonation URL, which ends in
// serviceAccounts/EMAIL:generateAccessToken.
func impersonated(raw string) string {
	account, _, _ := strings.Cut(path.Base(raw), ":")
	if !strings.Contains(account, "@") {
		return ""
	}
	return account
}

// emails strips the resource prefix that credentials files have on delegates.
func emails(names []string) []string {
	list := make([]string, 0, len(names))
	for _, name := range names {
		list = append(list, path.Base(name))
	}
	return list
}

// ErrNoAccount means that the ambient credentials are not those of a service
// account, so that they have no ID token of their own.
var ErrNoAccount = errors.New("these credentials are of no service account")
