package auth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"cloud.google.com/go/compute/metadata"

	"github.com/authcall/authcall/internal/backoff"
)

// metadataAccount is the path of the account that a workload runs under.
const metadataAccount = "instance/service-accounts/default/"

const (
	// firstPatience and probePatience bound the wait for a metadata server that
	// does not answer, so that a user is told within five seconds; Google's
	// client would go on for up to 15.
	firstPatience = 3500 * time.Millisecond
	probePatience = time.Second
	// slowPatience is for one that takes connections but is slow: GKE's needs up
	// to half a minute after a pod's start.
	slowPatience = 30 * time.Second
)

func metadataHost() string {
	if host := os.Getenv("GCE_METADATA_HOST"); host != "" {
		return host
	}
	return "169.254.169.254"
}

var errSilent = errors.New("no answer")

// metadataPatience waits a short time, and a longer one where the server at
// least takes connections.
func metadataPatience(host string) func(context.Context) (context.Context, context.CancelFunc) {
	return func(parent context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancelCause(parent)
		go func() {
			if backoff.Sleep(ctx, firstPatience) != nil {
				return
			}
			if listens(ctx, host) && backoff.Sleep(ctx, slowPatience-firstPatience) != nil {
				return
			}
			cancel(errSilent)
		}()
		return ctx, func() { cancel(context.Canceled) }
	}
}

func listens(ctx context.Context, host string) bool {
	if _, _, err := net.SplitHostPort(host); err != nil {
		host = net.JoinHostPort(host, "80")
	}
	dialer := net.Dialer{Timeout: probePatience}
	conn, err := dialer.DialContext(ctx, "tcp", host)
	if err != nil {
		return false
	}
	_ = conn.Close() // only that it opened matters
	return true
}

// metadataEmail asks for the real email. Right after the start of a pod some
// servers say "default", which means nothing to IAM.
func metadataEmail(ctx context.Context) (string, error) {
	wait := backoff.Policy{Base: 500 * time.Millisecond, Max: 4 * time.Second}
	for n := 1; ; n++ {
		email, err := metadata.GetWithContext(ctx, metadataAccount+"email")
		if email = strings.TrimSpace(email); err != nil || email != "default" {
			return email, err
		}
		if !wait.Wait(ctx, wait.Delay(n, nil)) {
			return "", errors.New(`the metadata server names the account "default"`)
		}
	}
}

// metadataUniverse asks for the domain of Google's APIs; a server that does not
// know the question is in Google's own.
func metadataUniverse(ctx context.Context) (string, error) {
	universe, err := metadata.GetWithContext(ctx, "universe/universe-domain")
	var undefined metadata.NotDefinedError
	if errors.As(err, &undefined) || err == nil && universe == "" {
		return googleUniverse, nil
	}
	return strings.TrimSpace(universe), err
}

// errNoIdentity means that these credentials mint no ID tokens by themselves.
// Vertex AI's metadata server answers 404 (401 before), GKE's with concealed
// metadata 403.
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
		return "", fmt.Errorf("%w (404)", errNoIdentity)
	case errors.As(err, &refused) && (refused.Code == http.StatusUnauthorized || refused.Code == http.StatusForbidden):
		return "", fmt.Errorf("%w (%d)", errNoIdentity, refused.Code)
	}
	return "", err
}
