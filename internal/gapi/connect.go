package gapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// Connection says where an API is and who calls it.
type Connection struct {
	// Address is the host:port of the API; on a loopback address it is spoken to
	// without TLS.
	Address string
	// Credentials authorize the calls; see FindCredentials.
	Credentials *google.Credentials
	// UserAgent is put in front of the libraries' own.
	UserAgent string
}

// Options are what a client of Google's libraries is made with. The client's
// Close closes the connection.
func (c Connection) Options() ([]option.ClientOption, error) {
	if c.Credentials == nil {
		return nil, errors.New("no credentials given for " + c.Address)
	}
	// GOOGLE_SDK_GO_LOGGING_LEVEL=debug makes Google's libraries print what they
	// send, tokens and all, unless they are given a logger that drops it.
	options := []option.ClientOption{option.WithLogger(slog.New(slog.DiscardHandler))}
	if !isLoopback(c.Address) {
		return append(options, option.WithEndpoint(c.Address),
			option.WithCredentials(c.Credentials), option.WithUserAgent(c.UserAgent)), nil
	}
	conn, err := c.plain()
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", c.Address, err)
	}
	return append(options, option.WithGRPCConn(conn)), nil
}

// plain makes a connection without TLS that reaches this machine only.
func (c Connection) plain() (*grpc.ClientConn, error) {
	return grpc.NewClient("passthrough:///"+c.Address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(dialLoopback),
		grpc.WithPerRPCCredentials(loopbackCredentials{c.Credentials.TokenSource, quotaProject(c.Credentials)}),
		grpc.WithUserAgent(c.UserAgent))
}

// loopbackCredentials authorize calls on a connection without TLS; gRPC's own
// OAuth credentials refuse to. They must be used with dialLoopback alone.
type loopbackCredentials struct {
	tokens       oauth2.TokenSource
	quotaProject string
}

func (c loopbackCredentials) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	token, err := c.tokens.Token()
	if err != nil {
		return nil, fmt.Errorf("getting an access token: %w", err)
	}
	md := map[string]string{"authorization": token.Type() + " " + token.AccessToken}
	if c.quotaProject != "" {
		md["x-goog-user-project"] = c.quotaProject
	}
	return md, nil
}

func (loopbackCredentials) RequireTransportSecurity() bool { return false }

// quotaProject is the project that user credentials are billed to. Google's own
// client reads the same two places.
func quotaProject(creds *google.Credentials) string {
	if p := os.Getenv("GOOGLE_CLOUD_QUOTA_PROJECT"); p != "" {
		return p
	}
	return describe(creds).QuotaProject
}
