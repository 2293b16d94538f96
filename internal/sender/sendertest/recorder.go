package sendertest

import (
	"context"
	"net"
	"path"
	"sync"
	"testing"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/gapi"
)

// Answer is what a method answers, the n-th time that it is asked, from 0 on.
type Answer func(n int, request proto.Message) (proto.Message, error)

// Request is what was asked.
type Request struct {
	// Method is the name of the method alone.
	Method string
	// Message is the request itself.
	Message proto.Message
}

// Recorder is an API that keeps its requests.
type Recorder struct {
	mu       sync.Mutex
	requests []Request
	answers  map[string]Answer
	headers  metadata.MD
}

// Token is what the connection authorizes its calls with.
const Token = "secret-token"

// Serve runs the services that are registered until the test ends; none of their
// methods is reached.
func Serve(t *testing.T, register func(grpc.ServiceRegistrar), answers map[string]Answer) (*Recorder, gapi.Connection) {
	t.Helper()
	r := &Recorder{answers: answers}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(r.answer))
	register(server)
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Stop(); <-done })
	return r, gapi.Connection{
		Address:     listener.Addr().String(),
		Credentials: &google.Credentials{TokenSource: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: Token})},
		UserAgent:   "authpipe/test",
	}
}

func (r *Recorder) answer(ctx context.Context, request any, info *grpc.UnaryServerInfo, _ grpc.UnaryHandler) (any, error) {
	message, ok := request.(proto.Message)
	if !ok {
		return nil, status.Errorf(codes.Internal, "%T is no message", request)
	}
	method := path.Base(info.FullMethod)
	r.mu.Lock()
	n := 0
	for _, earlier := range r.requests {
		if earlier.Method == method {
			n++
		}
	}
	r.requests = append(r.requests, Request{method, proto.Clone(message)})
	r.headers, _ = metadata.FromIncomingContext(ctx)
	r.mu.Unlock()
	if answer, ok := r.answers[method]; ok {
		return answer(n, message)
	}
	return nil, status.Errorf(codes.NotFound, "nothing answers %s", method)
}

// Requests returns what was asked so far.
func (r *Recorder) Requests() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Request(nil), r.requests...)
}

// Header is a header of the last request.
func (r *Recorder) Header(name string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.headers.Get(name)
}

// Always answers every request alike.
func Always(m proto.Message) Answer {
	return func(int, proto.Message) (proto.Message, error) { return m, nil }
}

// Fails refuses the first so many requests, and answers the others.
func Fails(times int, code codes.Code, then proto.Message) Answer {
	return func(n int, _ proto.Message) (proto.Message, error) {
		if n < times {
			return nil, status.Error(code, "no")
		}
		return then, nil
	}
}
