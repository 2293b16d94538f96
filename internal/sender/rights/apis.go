package rights

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/oauth2/google"
	"google.golang.org/api/cloudresourcemanager/v1"
	"google.golang.org/api/iam/v1"
	"google.golang.org/api/option"
	"google.golang.org/api/serviceusage/v1"
)

// Endpoints are base URLs of Google's APIs; empty ones mean Google's own. On
// loopback addresses they may be plain http.
type Endpoints struct {
	IAM, ResourceManager, Run, Functions, IAP, PubSub, ServiceUsage string
}

// Options are what a Checker is made with.
type Options struct {
	Endpoints Endpoints
	// Credentials authorize the calls.
	Credentials *google.Credentials
	// UserAgent is put in front of the library's own.
	UserAgent string
}

// apis are the clients, and how each kind of resource's policy is read and
// replaced, as JSON.
type apis struct {
	accounts *iam.Service
	projects *cloudresourcemanager.Service
	usage    *serviceusage.Service
	policies map[Kind]policyAPI
}

type policyAPI struct {
	get func(ctx context.Context, name string) (json.Marshaler, error)
	set func(ctx context.Context, name string, policy []byte) error
}

// version asks for policies with conditions, which would be lost otherwise when
// the policy is written back.
const version = 3

func newAPIs(ctx context.Context, o Options) (*apis, error) {
	a := &apis{policies: map[Kind]policyAPI{}}
	for _, open := range []func(context.Context, Options) error{a.openAccounts, a.openProjects, a.openRun, a.openFunctions, a.openIAP, a.openPubSub, a.openUsage} {
		if err := open(ctx, o); err != nil {
			return nil, fmt.Errorf("making a client of Google's APIs: %w", err)
		}
	}
	return a, nil
}

func (o Options) client(variable, endpoint string) ([]option.ClientOption, error) {
	// See gapi.Connection: the libraries' debug logging shows tokens.
	options := []option.ClientOption{
		option.WithCredentials(o.Credentials), option.WithUserAgent(o.UserAgent), option.WithLogger(slog.New(slog.DiscardHandler)),
	}
	if endpoint == "" {
		return options, nil
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return nil, fmt.Errorf("%s: got %q, want https://HOST, or http on this machine", variable, endpoint)
	}
	return append(options, option.WithEndpoint(strings.TrimSuffix(endpoint, "/")+"/")), nil
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}
