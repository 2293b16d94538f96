package localgcp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"

	"github.com/authcall/authcall/internal/localgcp/pubsub"
	"github.com/authcall/authcall/internal/localgcp/rpc"
	"github.com/authcall/authcall/internal/localgcp/scheduler"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
	"github.com/authcall/authcall/internal/localgcp/tasks"
	"github.com/authcall/authcall/internal/localgcp/tasks/buffer"
	"github.com/authcall/authcall/internal/localgcp/transcode"
)

// rpcService is an API that is served by gRPC, and by REST from its annotations.
type rpcService struct {
	// api is the API's name, as disabled_apis and faults have it.
	api string
	// title is its name for people.
	title string
	// scopes open the API, beside cloud-platform.
	scopes []string
	// names are the full names of its gRPC services.
	names []string
	// rules are the REST paths that its methods have beside their annotations.
	rules []*annotations.HttpRule
	// open makes what serves it. It is called once the addresses are known.
	open func(s *Server) (rpcServer, error)
}

// rpcServer answers the calls of an API.
type rpcServer interface {
	// Register adds its gRPC services to the server.
	Register(server *grpc.Server)
	// Close ends what it does in the background.
	Close()
}

// rpcServices lists the APIs that are served by gRPC.
func rpcServices() []rpcService {
	return []rpcService{
		{
			api: "aiplatform.googleapis.com", title: "Vertex AI API", names: []string{"google.cloud.aiplatform.v1.PipelineService"},
			open: func(s *Server) (rpcServer, error) { return s.pipelines, nil },
		},
		{
			api: "pubsub.googleapis.com", title: "Cloud Pub/Sub API", scopes: []string{pubsub.Scope}, names: pubsub.Names(),
			rules: pubsub.Rules(), open: (*Server).openPubSub,
		},
		// After Pub/Sub, in whose topics it publishes.
		{api: scheduler.API, title: scheduler.Title, names: scheduler.Names(), open: (*Server).openScheduler},
		{api: tasks.Service, title: tasks.Title, names: tasks.Names(), open: (*Server).openTasks},
	}
}

// rpcListener keeps the name that the port is remembered by.
const rpcListener = "vertex"

// openRPC serves the gRPC APIs at an address of their own.
func (s *Server) openRPC(ctx context.Context) error {
	listener, err := s.listeners.listen(ctx, rpcListener)
	if err != nil {
		return fmt.Errorf("gRPC APIs: %w", err)
	}
	s.rpcAddress = listener.Addr().String()
	if err := s.registerRPC(); err != nil {
		return errors.Join(err, listener.Close())
	}
	s.done.Go(func() {
		if err := s.grpc.Serve(listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			s.log.Error().Err(err).Str("listener", rpcListener).Msg("stopped serving")
		}
	})
	return nil
}

// registerRPC makes the server of all APIs, each behind its front.
func (s *Server) registerRPC() error {
	callers := rpc.Authenticators{}
	s.grpc = grpc.NewServer(grpc.MaxRecvMsgSize(transcode.MaxBody),
		grpc.UnaryInterceptor(rpc.Authenticate(callers)), grpc.StreamInterceptor(rpc.AuthenticateStream(callers)))
	for _, service := range rpcServices() {
		front := s.front(service.api, service.title, service.scopes...)
		s.rpcFronts = append(s.rpcFronts, front)
		for _, name := range service.names {
			callers[name] = front
		}
		server, err := service.open(s)
		if err != nil {
			return fmt.Errorf("%s: %w", service.title, err)
		}
		s.rpcServers = append(s.rpcServers, server)
		server.Register(s.grpc)
	}
	return nil
}

// closeRPC ends what the services do, then their calls.
func (s *Server) closeRPC() {
	for _, server := range slices.Backward(s.rpcServers) { // a later one may use an earlier one
		server.Close()
	}
	if s.grpc != nil {
		s.grpc.Stop()
	}
}

// addRPC serves the gRPC APIs over REST. A version that has the same messages as
// the first is served by that.
func (s *Server) addRPC(mux *http.ServeMux) error {
	var rules []*annotations.HttpRule
	for _, service := range rpcServices() {
		rules = append(rules, service.rules...)
	}
	rest, err := transcode.New(s.grpc, rules...)
	if err != nil {
		return err
	}
	mux.Handle("/v1/", rest)
	mux.Handle("/v2/", buffer.Handler(rest))
	mux.Handle("/v1beta1/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		beta := r.Clone(r.Context())
		beta.URL.Path, beta.URL.RawPath = "/v1/"+strings.TrimPrefix(r.URL.Path, "/v1beta1/"), ""
		rest.ServeHTTP(w, beta)
	}))
	return nil
}

// agent is the service agent of a sender.
func (s *Server) agent(name string) *serviceagent.Agent {
	return serviceagent.New(serviceagent.Options{
		Name: name, Number: s.config.ProjectNumber, Directory: s.directory, Issuer: s.issuer,
	})
}

// rpcAPIs are the names of the APIs.
func rpcAPIs() []string {
	var names []string
	for _, service := range rpcServices() {
		names = append(names, service.api)
	}
	return names
}
