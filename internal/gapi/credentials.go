package gapi

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"strings"

	"cloud.google.com/go/compute/metadata"
	"golang.org/x/oauth2/google"
)

// cloudPlatform is the one scope that Vertex AI takes.
const cloudPlatform = "https://www.googleapis.com/auth/cloud-platform"

// FindCredentials returns the user credentials in an authorized_user file or,
// where file is empty, the Application Default Credentials.
func FindCredentials(ctx context.Context, file string) (*google.Credentials, error) {
	params := google.CredentialsParams{Scopes: []string{cloudPlatform}}
	if file == "" {
		creds, err := google.FindDefaultCredentialsWithParams(ctx, params)
		if err != nil {
			return nil, &Error{Kind: Credentials, Op: "finding Application Default Credentials", Message: err.Error(), Err: err}
		}
		return creds, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, &Error{Kind: Credentials, Op: "reading credentials", Message: err.Error(), Err: err}
	}
	creds, err := google.CredentialsFromJSONWithTypeAndParams(ctx, data, google.AuthorizedUser, params)
	if err != nil {
		err = fmt.Errorf("%s: %w", file, err)
		return nil, &Error{Kind: Credentials, Op: "reading credentials", Message: err.Error(), Err: err}
	}
	return creds, nil
}

// credentialsFile is what the files of all credential types tell of themselves.
// None of these fields is secret.
type credentialsFile struct {
	Account          string `json:"account"`
	ClientEmail      string `json:"client_email"`
	ImpersonationURL string `json:"service_account_impersonation_url"`
	QuotaProject     string `json:"quota_project_id"`
}

func describe(creds *google.Credentials) credentialsFile {
	var f credentialsFile
	if creds != nil && len(creds.JSON) > 0 {
		_ = json.Unmarshal(creds.JSON, &f) // what cannot be read tells nothing
	}
	return f
}

// Principal names whom the credentials belong to, as IAM policies do
// ("user:a@example.com"), or is empty where they do not say. It asks the
// metadata server where the credentials come from there.
func Principal(ctx context.Context, creds *google.Credentials) string {
	f := describe(creds)
	switch {
	case f.ImpersonationURL != "":
		email, _, _ := strings.Cut(path.Base(f.ImpersonationURL), ":")
		return "serviceAccount:" + email
	case f.ClientEmail != "":
		return "serviceAccount:" + f.ClientEmail
	case f.Account != "":
		return "user:" + f.Account
	case creds == nil || len(creds.JSON) > 0:
		return ""
	}
	email, err := metadata.EmailWithContext(ctx, "default")
	if err != nil {
		return ""
	}
	return "serviceAccount:" + email
}
