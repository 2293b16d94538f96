package rpc

import (
	"context"
	"net/http"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/authcall/authcall/internal/localgcp/iam"
)

// Authenticator lets the callers of one API in; *apifront.Front is one. Its errors
// are *apierror.Error.
type Authenticator interface {
	Admit(method string, header http.Header) (iam.Principal, error)
}

// Authenticators are those of each gRPC service, by its full name. A service that
// has none is open to nobody.
type Authenticators map[string]Authenticator

// Authenticate puts the caller into the context of each call.
func Authenticate(a Authenticators) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		ctx, err := a.admit(ctx, info.FullMethod)
		if err != nil {
			return nil, err
		}
		return next(ctx, req)
	}
}

// AuthenticateStream does the same for calls that are streams.
func AuthenticateStream(a Authenticators) grpc.StreamServerInterceptor {
	return func(service any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		ctx, err := a.admit(stream.Context(), info.FullMethod)
		if err != nil {
			return err
		}
		return next(service, &admitted{stream, ctx})
	}
}

// admitted is a stream whose caller is known.
type admitted struct {
	grpc.ServerStream

	ctx context.Context //nolint:containedctx // a stream is asked for its context
}

func (s *admitted) Context() context.Context { return s.ctx }

// admit takes a method as gRPC names it: /package.Service/Method.
func (a Authenticators) admit(ctx context.Context, method string) (context.Context, error) {
	service, _, _ := strings.Cut(strings.TrimPrefix(method, "/"), "/")
	authenticator, ok := a[service]
	if !ok {
		return nil, unimplemented(method)
	}
	caller, err := authenticator.Admit(strings.ReplaceAll(strings.TrimPrefix(method, "/"), "/", "."), headers(ctx))
	if err != nil {
		return nil, Status(err)
	}
	return WithCaller(ctx, caller), nil
}

// headers are what a call has beside its message, as HTTP has them.
func headers(ctx context.Context) http.Header {
	md, _ := metadata.FromIncomingContext(ctx)
	header := http.Header{}
	for name, values := range md {
		for _, v := range values {
			header.Add(name, v)
		}
	}
	return header
}

type callerKey struct{}

// WithCaller is a context of a call by the principal.
func WithCaller(ctx context.Context, p iam.Principal) context.Context {
	return context.WithValue(ctx, callerKey{}, p)
}

// Caller is who calls: nobody where no one was let in.
func Caller(ctx context.Context) iam.Principal {
	p, _ := ctx.Value(callerKey{}).(iam.Principal)
	return p
}
