package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"cloud.google.com/go/compute/metadata"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
)

const (
	cloudPlatform = "https://www.googleapis.com/auth/cloud-platform"
	// googleUniverse is where everything is that names no other universe.
	googleUniverse = "googleapis.com"
	// metadataPatience bounds the wait for a metadata server that does not
	// answer, so that a user is told within five seconds. Google's client would
	// go on for up to 15.
	metadataPatience = 4500 * time.Millisecond
	// endpointPatience bounds a token endpoint on the internet.
	endpointPatience = 30 * time.Second
)

// Ambient is the identity that the process runs under, as Application Default
// Credentials give it.
type Ambient struct {
	// Origin tells people where the credentials were found.
	Origin string

	tokens       oauth2.TokenSource
	email        func(context.Context) (string, error)
	onMetadata   bool
	quotaProject string
	universe     string
	patience     time.Duration

	mu    sync.Mutex
	known string
}

// FindAmbient looks for Application Default Credentials where Google's
// libraries look: the file that GOOGLE_APPLICATION_CREDENTIALS names, gcloud's
// own file, the metadata server. It sends no request, save the probe for a
// metadata server where nothing names one.
func FindAmbient(ctx context.Context, client *http.Client) (*Ambient, error) {
	path, named := adcFile()
	if path == "" {
		return findMetadata(ctx)
	}
	// The credentials keep this context for all later refreshes, so a call's own
	// deadline must not end it.
	lasting := context.WithValue(context.WithoutCancel(ctx), oauth2.HTTPClient, client)
	creds, err := google.FindDefaultCredentials(lasting, cloudPlatform)
	if err != nil {
		return nil, &NoCredentialsError{Err: err}
	}
	return fromFile(creds, path, named)
}

// findMetadata does what FindDefaultCredentials does, less a request for the
// project, which nobody here needs.
func findMetadata(ctx context.Context) (*Ambient, error) {
	if !metadata.OnGCEWithContext(ctx) {
		return nil, &NoCredentialsError{Err: errors.New("no credentials file and no metadata server")}
	}
	return &Ambient{
		Origin:     "metadata server at " + metadataHost(),
		tokens:     google.ComputeTokenSource("", cloudPlatform),
		email:      metadataEmail,
		onMetadata: true,
		universe:   googleUniverse,
		patience:   metadataPatience,
	}, nil
}

func fromFile(creds *google.Credentials, path, named string) (*Ambient, error) {
	var file struct {
		ClientEmail  string `json:"client_email"`
		QuotaProject string `json:"quota_project_id"`
		Impersonates string `json:"service_account_impersonation_url"`
	}
	if err := json.Unmarshal(creds.JSON, &file); err != nil {
		return nil, &NoCredentialsError{Err: fmt.Errorf("%s is not JSON", path)}
	}
	universe, err := creds.GetUniverseDomain()
	if err != nil {
		return nil, &NoCredentialsError{Err: err}
	}
	email := file.ClientEmail
	if email == "" {
		email = impersonated(file.Impersonates)
	}
	quota := os.Getenv("GOOGLE_CLOUD_QUOTA_PROJECT")
	if quota == "" {
		quota = file.QuotaProject
	}
	return &Ambient{
		Origin:       named + " " + path,
		tokens:       creds.TokenSource,
		email:        func(context.Context) (string, error) { return email, nil },
		quotaProject: quota,
		universe:     universe,
		patience:     endpointPatience,
	}, nil
}

// Token returns the ambient access token, from its cache until shortly before
// it expires.
func (a *Ambient) Token(ctx context.Context) (Secret, error) {
	ctx, cancel := context.WithTimeout(ctx, a.patience)
	defer cancel()
	type result struct {
		token *oauth2.Token
		err   error
	}
	// Token sources take no context; one that hangs is left behind.
	done := make(chan result, 1)
	go func() {
		token, err := a.tokens.Token()
		done <- result{token, err}
	}()
	select {
	case <-ctx.Done():
		return "", &UnreachableError{Server: a.Origin, Err: context.Cause(ctx)}
	case r := <-done:
		if r.err != nil {
			return "", a.describe(r.err)
		}
		return Secret(r.token.AccessToken), nil
	}
}

// Email is the account's email, or "" where the credentials do not tell it. It
// is asked for once.
func (a *Ambient) Email(ctx context.Context) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known != "" {
		return a.known, nil
	}
	ctx, cancel := context.WithTimeout(ctx, a.patience)
	defer cancel()
	email, err := a.email(ctx)
	if err != nil {
		return "", a.describe(err)
	}
	a.known = email
	return email, nil
}

// describe turns what Google's libraries say into who did not answer or who
// refused.
func (a *Ambient) describe(err error) error {
	const op = "get the ambient access token"
	var refused *metadata.Error
	if errors.As(err, &refused) {
		return &Error{Op: op, Status: refused.Code, Message: oneLine(refused.Message), Err: err}
	}
	var undefined metadata.NotDefinedError
	if errors.As(err, &undefined) {
		return &Error{Op: op, Status: http.StatusNotFound, Message: oneLine(err.Error()), Err: err}
	}
	var retrieve *oauth2.RetrieveError
	if errors.As(err, &retrieve) {
		return &Error{Op: op, Status: retrieve.Response.StatusCode, Reason: retrieve.ErrorCode,
			Message: oneLine(retrieve.ErrorDescription), Err: errors.New("token endpoint refused")}
	}
	return &UnreachableError{Server: a.Origin, Err: err}
}

// adcFile finds the credentials file and says how it is named to people.
func adcFile() (path, named string) {
	if path := os.Getenv("GOOGLE_APPLICATION_CREDENTIALS"); path != "" {
		return path, "GOOGLE_APPLICATION_CREDENTIALS"
	}
	config, err := gcloudConfig()
	if err != nil {
		return "", ""
	}
	path = filepath.Join(config, "application_default_credentials.json")
	if _, err := os.Stat(path); err != nil {
		return "", ""
	}
	return path, "gcloud's file"
}
