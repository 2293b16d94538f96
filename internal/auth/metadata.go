package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"cloud.google.com/go/compute/metadata"
)

// metadataAccount is the path of the account that a workload runs under.
const metadataAccount = "instance/service-accounts/default/"

func metadataHost() string {
	if host := os.Getenv("GCE_METADATA_HOST"); host != "" {
		return host
	}
	return "169.254.169.254"
}

// metadataEmail asks for the real email: "default" means nothing to IAM.
func metadataEmail(ctx context.Context) (string, error) {
	email, err := metadata.GetWithContext(ctx, metadataAccount+"email")
	return strings.TrimSpace(email), err
}

// errNoIdentity means that this metadata server mints no ID tokens. Vertex AI
// answers 404 (401 before), GKE with concealed metadata 403.
var errNoIdentity = errors.New("the metadata server mints no ID tokens here")

// metadataIdentity asks the metadata server for an ID token of its account.
func metadataIdentity(ctx context.Context, audience string) (string, error) {
	query := url.Values{"audience": {audience}, "format": {"full"}}
	token, err := metadata.GetWithContext(ctx, metadataAccount+"identity?"+query.Encode())
	if err == nil {
		return strings.TrimSpace(token), nil
	}
	var refused *metadata.Error
	var undefined metadata.NotDefinedError
	switch {
	case errors.As(err, &undefined):
		return "", fmt.Errorf("%w: 404", errNoIdentity)
	case errors.As(err, &refused) && (refused.Code == http.StatusUnauthorized || refused.Code == http.StatusForbidden):
		return "", fmt.Errorf("%w: %d", errNoIdentity, refused.Code)
	}
	return "", err
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
