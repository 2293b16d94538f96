package vertex

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	aiplatform "cloud.google.com/go/aiplatform/apiv1"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// ClientOptions say where the pipeline service is and who calls it.
type ClientOptions struct {
	// Location is the region, as in us-central1; it picks Vertex AI's regional
	// endpoint where Endpoint is empty.
	Location string
	// Endpoint is the HOST or HOST:PORT (443 by default) of another pipeline
	// service; on a loopback address it is spoken to without TLS.
	Endpoint string
	// Credentials authorize the calls; see FindCredentials.
	Credentials *google.Credentials
	// UserAgent is put in front of the libraries' own.
	UserAgent string
}

// NewClient returns a client of the pipeline service. It sends nothing yet; the
// caller closes it.
func NewClient(ctx context.Context, o ClientOptions) (*aiplatform.PipelineClient, error) {
	if o.Credentials == nil {
		return nil, errors.New("no credentials given for the pipeline service")
	}
	address, err := Endpoint(o.Location, o.Endpoint)
	if err != nil {
		return nil, err
	}
	// GOOGLE_SDK_GO_LOGGING_LEVEL=debug makes Google's libraries print what they
	// send, tokens and all, unless they are given a logger that drops it.
	options := []option.ClientOption{option.WithLogger(slog.New(slog.DiscardHandler))}
	if isLoopback(address) {
		conn, err := plainConnection(address, o)
		if err != nil {
			return nil, err
		}
		options = append(options, option.WithGRPCConn(conn))
	} else {
		options = append(options, option.WithEndpoint(address),
			option.WithCredentials(o.Credentials), option.WithUserAgent(o.UserAgent))
	}
	client, err := aiplatform.NewPipelineClient(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("making a client for %s: %w", address, err)
	}
	return client, nil
}

// plainConnection makes a connection without TLS that reaches this machine only.
func plainConnection(address string, o ClientOptions) (*grpc.ClientConn, error) {
	return grpc.NewClient("passthrough:///"+address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(dialLoopback),
		grpc.WithPerRPCCredentials(loopbackCredentials{o.Credentials.TokenSource, quotaProject(o.Credentials)}),
		grpc.WithUserAgent(o.UserAgent))
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
