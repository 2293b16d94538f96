package grpcgate_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/gate/grpcgate"
)

var makeKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

const audience = "https://hello.example.com"

// service answers with SERVING to callers whose claims reach it.
type service struct {
	grpc_health_v1.UnimplementedHealthServer
}

func answer(ctx context.Context) *grpc_health_v1.HealthCheckResponse {
	state := grpc_health_v1.HealthCheckResponse_NOT_SERVING
	if claims, ok := gate.FromContext(ctx); ok && claims.Subject == "1" {
		state = grpc_health_v1.HealthCheckResponse_SERVING
	}
	return &grpc_health_v1.HealthCheckResponse{Status: state}
}

func (service) Check(ctx context.Context, _ *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	return answer(ctx), nil
}

func (service) Watch(_ *grpc_health_v1.HealthCheckRequest, s grpc.ServerStreamingServer[grpc_health_v1.HealthCheckResponse]) error {
	return s.Send(answer(s.Context()))
}

// dial starts the service behind a gate and connects to it.
func dial(t *testing.T, p gate.Policy) grpc_health_v1.HealthClient {
	t.Helper()
	g, err := gate.New(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(grpcgate.Unary(g)), grpc.StreamInterceptor(grpcgate.Stream(g)))
	grpc_health_v1.RegisterHealthServer(server, service{})
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Stop()
		if err := errors.Join(conn.Close(), <-done); err != nil {
			t.Error(err)
		}
	})
	return grpc_health_v1.NewHealthClient(conn)
}

// keys are those of the issuer, or the error that stands in their place.
type keys struct{ err error }

func (k keys) VerifySignature(_ context.Context, token string) ([]byte, error) {
	if k.err != nil {
		return nil, k.err
	}
	key, err := makeKey()
	if err != nil {
		return nil, err
	}
	parsed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return nil, err
	}
	return parsed.Verify(key.Public())
}

func TestInterceptors(t *testing.T) {
	t.Parallel()
	const public = "/grpc.health.v1.Health/"
	good := token(t, audience)
	tests := []struct {
		name     string
		metadata []string
		policy   gate.Policy
		want     codes.Code
		message  string
		anybody  bool
	}{
		{name: "good token", metadata: []string{"authorization", "Bearer " + good}},
		{name: "other header", metadata: []string{"x-token", good}, policy: gate.Policy{Headers: []string{"X-Token"}}},
		{name: "X-Serverless-Authorization goes first", metadata: []string{"authorization", "Bearer x", "x-serverless-authorization", "Bearer " + good}},
		{name: "no token", want: codes.Unauthenticated, message: "token refused: missing"},
		{name: "two tokens", metadata: []string{"authorization", "Bearer " + good, "authorization", "Bearer " + good}, want: codes.Unauthenticated, message: "token refused: malformed"},
		{name: "other service's token", metadata: []string{"authorization", "Bearer " + token(t, "https://other.example.com")}, want: codes.Unauthenticated, message: "token refused: audience"},
		{name: "caller not allowed", metadata: []string{"authorization", "Bearer " + good}, policy: gate.Policy{Subjects: []string{"2"}}, want: codes.PermissionDenied, message: "token refused: caller not allowed"},
		{name: "no keys", metadata: []string{"authorization", "Bearer " + good}, policy: gate.Policy{Keys: keys{&gate.Error{Reason: gate.KeysUnavailable}}}, want: codes.Unavailable, message: "token refused: keys unavailable"},
		{name: "public methods", policy: gate.Policy{Public: []string{public + "Check", public + "Watch"}}, anybody: true},
		{name: "public methods of another service", policy: gate.Policy{Public: []string{"/hello.Hello/Check"}}, want: codes.Unauthenticated, message: "token refused: missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.policy.Audiences = []string{audience}
			if tt.policy.Keys == nil {
				tt.policy.Keys = keys{}
			}
			client := dial(t, tt.policy)
			ctx := metadata.AppendToOutgoingContext(t.Context(), tt.metadata...)
			want := grpc_health_v1.HealthCheckResponse_SERVING
			if tt.anybody {
				want = grpc_health_v1.HealthCheckResponse_NOT_SERVING
			}
			for kind, call := range map[string]func() (*grpc_health_v1.HealthCheckResponse, error){
				"unary":  func() (*grpc_health_v1.HealthCheckResponse, error) { return client.Check(ctx, nil) },
				"stream": func() (*grpc_health_v1.HealthCheckResponse, error) { return watch(ctx, client) },
			} {
				got, err := call()
				if status.Code(err) != tt.want || err != nil && status.Convert(err).Message() != tt.message {
					t.Errorf("%s: got %v, want %s %q", kind, err, tt.want, tt.message)
				}
				if err == nil && got.Status != want {
					t.Errorf("%s: got %s, want %s", kind, got.Status, want)
				}
			}
		})
	}
}

func watch(ctx context.Context, client grpc_health_v1.HealthClient) (*grpc_health_v1.HealthCheckResponse, error) {
	stream, err := client.Watch(ctx, nil)
	if err != nil {
		return nil, err
	}
	return stream.Recv()
}

// token is one of subject 1 for an audience.
func token(t *testing.T, audience string) string {
	t.Helper()
	return sign(t, jwt.Claims{Issuer: "accounts.google.com", Subject: "1", Audience: jwt.Audience{audience}})
}

func sign(t *testing.T, claims jwt.Claims) string {
	t.Helper()
	key, err := makeKey()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "key-1"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	claims.IssuedAt, claims.Expiry = jwt.NewNumericDate(time.Now()), jwt.NewNumericDate(time.Now().Add(time.Hour))
	text, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}
