package auth

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"runtime"

	"cloud.google.com/go/compute/metadata"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
)

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
	return fromFile(lasting, client, creds, named+" "+path)
}

// findMetadata does what FindDefaultCredentials does, less a request for the
// project, which nobody here needs.
func findMetadata(ctx context.Context) (*Ambient, error) {
	if !metadata.OnGCEWithContext(ctx) {
		return nil, &NoCredentialsError{Err: errors.New("no credentials file and no metadata server")}
	}
	return &Ambient{
		Origin:   "metadata server at " + metadataHost(),
		tokens:   google.ComputeTokenSource("", cloudPlatform),
		email:    metadataEmail,
		identity: metadataIdentity,
		universe: metadataUniverse,
		patient:  metadataPatience(metadataHost()),
	}, nil
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

// gcloudConfig is the folder of gcloud's settings, where x/oauth2 looks for it.
func gcloudConfig() (string, error) {
	if runtime.GOOS == "windows" {
		return filepath.Join(os.Getenv("APPDATA"), "gcloud"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, ".config", "gcloud"), nil
}
