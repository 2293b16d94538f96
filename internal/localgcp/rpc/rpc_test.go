package rpc_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/rpc"
)

const (
	service = "google.example.v1.Example"
	domain  = "example.googleapis.com"
)

// callers know tokens by what they are.
type callers struct{}

func (callers) Authenticate(token string) (iam.Principal, error) {
	p := iam.Principal{Kind: iam.User, Email: token + "@example.com", Scopes: []string{iam.CloudPlatform}}
	switch token {
	case "good":
		return p, nil
	case "narrow":
		p.Scopes = nil
		return p, nil
	case "expired":
		return iam.Principal{}, iam.ErrExpiredToken
	}
	return iam.Principal{}, iam.ErrInvalidToken
}

func front() *apifront.Front {
	return &apifront.Front{Service: domain, Title: "Example API", Project: "1", Callers: callers{}}
}

func incoming(t *testing.T, pairs ...string) context.Context {
	t.Helper()
	return metadata.NewIncomingContext(t.Context(), metadata.Pairs(pairs...))
}

// unary makes a call and tells who the handler saw.
func unary(ctx context.Context, f *apifront.Front, method string) (seen string, err error) {
	intercept := rpc.Authenticate(rpc.Authenticators{service: f})
	_, err = intercept(ctx, nil, &grpc.UnaryServerInfo{FullMethod: method}, func(ctx context.Context, _ any) (any, error) {
		seen = rpc.Caller(ctx).Email
		return seen, nil
	})
	return seen, err
}

func TestWhoIsLetIn(t *testing.T) {
	t.Parallel()
	disabled := front()
	disabled.Disabled = true
	broken := front()
	broken.Faults = apifront.NewFaults(apifront.Fault{Method: "get", Code: http.StatusServiceUnavailable, RetryAfter: time.Second})
	method := "/" + service + "/Get"
	tests := []struct {
		name   string
		front  *apifront.Front
		method string
		pairs  []string
		want   codes.Code
		reason string
	}{
		{"good", front(), method, []string{"authorization", "Bearer good"}, codes.OK, ""},
		{"no token", front(), method, nil, codes.Unauthenticated, "CREDENTIALS_MISSING"},
		{"in lower case", front(), method, []string{"authorization", "bearer good"}, codes.OK, ""},
		{"an empty token", front(), method, []string{"authorization", "Bearer "}, codes.Unauthenticated, "CREDENTIALS_MISSING"},
		{"another scheme", front(), method, []string{"authorization", "Basic good"}, codes.Unauthenticated, "CREDENTIALS_MISSING"},
		{"two tokens", front(), method, []string{"authorization", "Bearer good", "authorization", "Bearer good"}, codes.Unauthenticated, "ACCESS_TOKEN_TYPE_UNSUPPORTED"},
		{"no such token", front(), method, []string{"authorization", "Bearer bad-token"}, codes.Unauthenticated, "ACCESS_TOKEN_TYPE_UNSUPPORTED"},
		{"expired", front(), method, []string{"authorization", "Bearer expired"}, codes.Unauthenticated, "ACCESS_TOKEN_EXPIRED"},
		{"narrow", front(), method, []string{"authorization", "Bearer narrow"}, codes.PermissionDenied, "ACCESS_TOKEN_SCOPE_INSUFFICIENT"},
		{"another's project", front(), method, []string{"authorization", "Bearer good", "x-goog-user-project", "other"}, codes.PermissionDenied, "USER_PROJECT_DENIED"},
		{"disabled", disabled, method, []string{"authorization", "Bearer good"}, codes.PermissionDenied, "SERVICE_DISABLED"},
		{"fault", broken, method, []string{"authorization", "Bearer good"}, codes.Unavailable, ""},
		{"another method than the fault's", broken, "/" + service + "/List", []string{"authorization", "Bearer good"}, codes.OK, ""},
		{"another service", front(), "/google.other.v1.Other/Get", []string{"authorization", "Bearer good"}, codes.Unimplemented, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx := incoming(t, tt.pairs...)
			seen, err := unary(ctx, tt.front, tt.method)
			check(t, err, tt.want, tt.reason)
			if (seen == "good@example.com") != (tt.want == codes.OK) {
				t.Errorf("the handler saw %q", seen)
			}
			stream, err := streaming(ctx, tt.front, tt.method)
			check(t, err, tt.want, tt.reason)
			if stream != seen {
				t.Errorf("a stream's handler saw %q, want %q", stream, seen)
			}
		})
	}
}

func check(t *testing.T, err error, want codes.Code, reason string) {
	t.Helper()
	if got := status.Code(err); got != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if strings.Contains(status.Convert(err).Message(), "bad-token") {
		t.Errorf("the message shows the token: %v", err)
	}
	if got := reasonOf(err); got != reason {
		t.Errorf("got reason %q, want %q", got, reason)
	}
}

func reasonOf(err error) string {
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

type stream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s stream) Context() context.Context { return s.ctx }

func streaming(ctx context.Context, f *apifront.Front, method string) (seen string, err error) {
	intercept := rpc.AuthenticateStream(rpc.Authenticators{service: f})
	err = intercept(nil, stream{ctx: ctx}, &grpc.StreamServerInfo{FullMethod: method}, func(_ any, s grpc.ServerStream) error {
		seen = rpc.Caller(s.Context()).Email
		return nil
	})
	return seen, err
}

func TestDenied(t *testing.T) {
	t.Parallel()
	err := rpc.Denied("example.things.get", "projects/p", domain)
	check(t, err, codes.PermissionDenied, "IAM_PERMISSION_DENIED")
	if want := "Permission 'example.things.get' denied on resource '//example.googleapis.com/projects/p' (or it may not exist)."; status.Convert(err).Message() != want {
		t.Errorf("got %q, want %q", status.Convert(err).Message(), want)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  error
		want codes.Code
		kind []string
	}{
		{"of another kind", errors.New("broken"), codes.Internal, nil},
		{"invalid", apierror.InvalidArgument("no"), codes.InvalidArgument, nil},
		{"its own status", &apierror.Error{Code: http.StatusConflict, Status: "ALREADY_EXISTS"}, codes.AlreadyExists, nil},
		{"details", apierror.ServiceDisabled("t", "s", "1"), codes.PermissionDenied, []string{"google.rpc.ErrorInfo", "google.rpc.Help"}},
		{"violation", apierror.Prohibited(), codes.PermissionDenied, []string{"google.rpc.PreconditionFailure", "google.rpc.ErrorInfo"}},
		{"later", &apierror.Error{Code: http.StatusServiceUnavailable, RetryAfter: time.Second}, codes.Unavailable, []string{"google.rpc.RetryInfo"}},
		{"unknown detail", &apierror.Error{Code: http.StatusForbidden, Details: []any{map[string]string{"@type": "type.googleapis.com/none"}, func() {}}}, codes.PermissionDenied, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := status.Convert(rpc.Status(tt.err))
			var kinds []string
			for _, d := range s.Proto().GetDetails() {
				kinds = append(kinds, string(d.MessageName()))
			}
			if s.Code() != tt.want || !slices.Equal(kinds, tt.kind) {
				t.Errorf("got %s %q, want %s %q", s.Code(), kinds, tt.want, tt.kind)
			}
		})
	}
}
