package credentialsfile

import "strings"

// File is the content of a credentials file.
type File map[string]any

// Endpoints are where the files send the libraries.
type Endpoints struct {
	// API is the base URL of all Google APIs.
	API string
	// Universe is the domain of those.
	Universe string
}

// Key is a service account's key file.
type Key struct {
	// Email, ID and Project are those of the account.
	Email, ID, Project string
	// KeyID and PKCS8 are the key, the latter in PEM.
	KeyID string
	PKCS8 []byte
}

// ServiceAccount is the file of a key.
func (e Endpoints) ServiceAccount(k Key) File {
	return File{
		"type":                        "service_account",
		"project_id":                  k.Project,
		"private_key_id":              k.KeyID,
		"private_key":                 string(k.PKCS8),
		"client_email":                k.Email,
		"client_id":                   k.ID,
		"auth_uri":                    e.API + "/o/oauth2/auth",
		"token_uri":                   e.API + "/token",
		"auth_provider_x509_cert_url": e.API + "/oauth2/v1/certs",
		"client_x509_cert_url":        e.API + "/service_accounts/v1/jwk/" + k.Email,
		"universe_domain":             e.Universe,
	}
}

// AuthorizedUser is the file that a person's sign-in leaves.
func (e Endpoints) AuthorizedUser(email, refreshToken string) File {
	return File{
		"type":          "authorized_user",
		"account":       email,
		"client_id":     "local.apps.googleusercontent.com",
		"client_secret": "local",
		"refresh_token": refreshToken,
		"token_uri":     e.API + "/token",
	}
}

// Workload is an identity of another system.
type Workload struct {
	// Audience is the provider's resource in its pool.
	Audience string
	// TokenType is jwt or id_token.
	TokenType string
	// Source is where the subject token comes from, as the files describe it.
	Source File
	// Impersonate is the service account to act as; empty means the workload
	// itself.
	Impersonate string
}

// ExternalAccount is the configuration of workload identity federation.
func (e Endpoints) ExternalAccount(w Workload) File {
	file := File{
		"type":               "external_account",
		"audience":           w.Audience,
		"subject_token_type": "urn:ietf:params:oauth:token-type:" + w.TokenType,
		"token_url":          e.API + "/v1/token",
		"credential_source":  w.Source,
		"universe_domain":    e.Universe,
	}
	if w.Impersonate != "" {
		file["service_account_impersonation_url"] = e.impersonation(w.Impersonate)
	}
	return file
}

// Impersonated is the file of a service account that another identity acts as,
// through a chain of delegates, nearest first.
func (e Endpoints) Impersonated(account string, delegates []string, source File) File {
	names := make([]string, 0, len(delegates))
	for _, d := range delegates {
		names = append(names, "projects/-/serviceAccounts/"+d)
	}
	return File{
		"type":                              "impersonated_service_account",
		"service_account_impersonation_url": e.impersonation(account),
		"delegates":                         names,
		"source_credentials":                source,
		"universe_domain":                   e.Universe,
	}
}

func (e Endpoints) impersonation(account string) string {
	return strings.TrimSuffix(e.API, "/") + "/v1/projects/-/serviceAccounts/" + account + ":generateAccessToken"
}
