package grpcgate

import (
	"context"
	"errors"
	"net/http"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/gate"
)

// Unary passes on the calls whose metadata holds a good token, with its claims
// in the context (see gate.FromContext), and those of public methods. It answers
// all others itself: UNAUTHENTICATED for the token, PERMISSION_DENIED for its
// holder, UNAVAILABLE where the keys cannot be had.
func Unary(g *gate.Gate) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		ctx, err := enter(ctx, g, info.FullMethod)
		if err != nil {
			return nil, err
		}
		return handler(ctx, request)
	}
}

// Stream is Unary for streams. The token is verified when the stream opens; what
// comes later on the stream is let through, even after the token's end.
func Stream(g *gate.Gate) grpc.StreamServerInterceptor {
	return func(service any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		ctx, err := enter(stream.Context(), g, info.FullMethod)
		if err != nil {
			return err
		}
		return handler(service, &entered{stream, ctx})
	}
}

// entered is a stream whose context has the claims of its caller.
type entered struct {
	grpc.ServerStream
	ctx context.Context // gRPC hands a stream its context in no other way
}

func (s *entered) Context() context.Context { return s.ctx }

func enter(ctx context.Context, g *gate.Gate, method string) (context.Context, error) {
	if g.Public(method) {
		return ctx, nil
	}
	claims, err := g.VerifyHeader(ctx, headers(ctx))
	if err != nil {
		return nil, refusal(err)
	}
	return gate.NewContext(ctx, claims), nil
}

// headers are the metadata under the names that HTTP gives them.
func headers(ctx context.Context) http.Header {
	md, _ := metadata.FromIncomingContext(ctx)
	h := make(http.Header, len(md))
	for name, values := range md {
		h[http.CanonicalHeaderKey(name)] = values
	}
	return h
}

// refusal tells the reason only, never what the policy would have accepted.
func refusal(err error) error {
	reason := gate.Malformed
	if refused, ok := errors.AsType[*gate.Error](err); ok {
		reason = refused.Reason
	}
	code := codes.Unauthenticated
	switch reason.Status() {
	case http.StatusForbidden:
		code = codes.PermissionDenied
	case http.StatusServiceUnavailable:
		code = codes.Unavailable
	}
	return status.Error(code, "token refused: "+string(reason))
}
