package gateway

import (
	"context"
	"net/http"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// method is one REST method: it makes a request of the gRPC service out of an
// HTTP request and returns the answer's message.
type method func(ctx context.Context, r *http.Request) (proto.Message, error)

// New returns a handler of /v1/projects/… and, with the same messages,
// /v1beta1/projects/…, as the official Python client calls either. What is not
// a method of pipeline jobs is answered 404.
func New(service aiplatformpb.PipelineServiceServer) http.Handler {
	m := methods{service}
	mux := http.NewServeMux()
	for _, version := range []string{"/v1", "/v1beta1"} {
		jobs := version + "/projects/{project}/locations/{location}/pipelineJobs"
		mux.HandleFunc("POST "+jobs, serve(m.create))
		mux.HandleFunc("GET "+jobs, serve(m.list))
		mux.HandleFunc("POST "+jobs+":batchDelete", serve(m.batchDelete))
		mux.HandleFunc("POST "+jobs+":batchCancel", serve(m.batchCancel))
		mux.HandleFunc("GET "+jobs+"/{id}", serve(m.get))
		mux.HandleFunc("DELETE "+jobs+"/{id}", serve(m.remove))
		mux.HandleFunc("POST "+jobs+"/{id}", serve(m.act))
	}
	mux.HandleFunc("/", serve(unknown))
	return mux
}

func unknown(_ context.Context, r *http.Request) (proto.Message, error) {
	return nil, status.Errorf(codes.NotFound, "Method not found: %s %s.", r.Method, r.URL.Path)
}

// serve turns a method into a handler. The caller's credentials go where gRPC
// has them.
func serve(call method) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx := metadata.NewIncomingContext(r.Context(), metadata.MD{"authorization": r.Header.Values("Authorization")})
		answer, err := call(ctx, r)
		if err != nil {
			writeError(w, err)
			return
		}
		writeMessage(w, answer)
	}
}
