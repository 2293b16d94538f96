package vertextest

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/protobuf/proto"
)

// Options say what a Server is.
type Options struct {
	// Host is the name under which it is reached, at port 443.
	Host string
	// Certified is the name that its certificate is for; empty means Host.
	Certified string
	// Service answers the calls.
	Service aiplatformpb.PipelineServiceServer
	// Web answers what is asked of WebHosts at port 443; both may be nil.
	Web      http.Handler
	WebHosts []string
}

// Call is a call as it arrived.
type Call struct {
	// Method is its full name, as in /google.cloud…/CreatePipelineJob.
	Method string
	// Metadata are its headers.
	Metadata metadata.MD
	// TLS is the state of the connection that it came over.
	TLS tls.ConnectionState
	// Request is what was sent.
	Request proto.Message
}

// Server is a pipeline service behind TLS, and the proxy that leads to it.
type Server struct {
	proxy     *proxy
	authority *authority

	mu    sync.Mutex
	calls []Call
}

// Start serves until the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Certified == "" {
		o.Certified = o.Host
	}
	s := &Server{authority: newAuthority(t)}
	config := &tls.Config{Certificates: []tls.Certificate{s.authority.issue(t, o.Certified)}, MinVersion: tls.VersionTLS12}
	server := grpc.NewServer(grpc.Creds(credentials.NewTLS(config)), grpc.UnaryInterceptor(s.record))
	aiplatformpb.RegisterPipelineServiceServer(server, o.Service)
	listener := listen(t)
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Stop(); <-done })
	places := map[string]string{o.Host + ":443": listener.Addr().String()}
	if o.Web != nil {
		web := s.serveWeb(t, o)
		for _, host := range o.WebHosts {
			places[host+":443"] = web
		}
	}
	s.proxy = startProxy(t, places)
	return s
}

// serveWeb serves HTTPS until the test ends.
func (s *Server) serveWeb(t testing.TB, o Options) (address string) {
	t.Helper()
	server := httptest.NewUnstartedServer(o.Web)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{s.authority.issue(t, o.WebHosts...)}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// Env is what a process needs to reach the server and to trust it, NAME=VALUE
// each; SSL_CERT_FILE is obeyed on Linux.
func (s *Server) Env() []string {
	return []string{"HTTPS_PROXY=" + s.proxy.url, "SSL_CERT_FILE=" + s.authority.file, "NO_PROXY="}
}

// Calls are those that have arrived.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Dialled are the addresses that the proxy was asked for.
func (s *Server) Dialled() []string { return s.proxy.dialled() }

func (s *Server) record(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	call := Call{Method: info.FullMethod}
	call.Metadata, _ = metadata.FromIncomingContext(ctx)
	if from, ok := peer.FromContext(ctx); ok {
		if info, ok := from.AuthInfo.(credentials.TLSInfo); ok {
			call.TLS = info.State
		}
	}
	if message, ok := req.(proto.Message); ok {
		call.Request = proto.Clone(message)
	}
	s.mu.Lock()
	s.calls = append(s.calls, call)
	s.mu.Unlock()
	return handle(ctx, req)
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}
