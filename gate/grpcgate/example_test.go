package grpcgate_test

import (
	"context"
	"log"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/gate/grpcgate"
)

// A gRPC server lets in one service account alone, and anybody to its health.
func Example() {
	g, err := gate.New(context.Background(), gate.Policy{
		Audiences: []string{"https://hello.example.com"},
		Emails:    []string{"caller@my-project.iam.gserviceaccount.com"},
		Public:    []string{grpc_health_v1.Health_Check_FullMethodName, grpc_health_v1.Health_Watch_FullMethodName},
	})
	if err != nil {
		log.Fatal(err)
	}
	grpc.NewServer(
		grpc.ChainUnaryInterceptor(grpcgate.Unary(g)),
		grpc.ChainStreamInterceptor(grpcgate.Stream(g)),
	)
}

func ExampleUnary() {
	g, err := gate.New(context.Background(), gate.Policy{Audiences: []string{"https://hello.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	grpc.NewServer(grpc.UnaryInterceptor(grpcgate.Unary(g)))
}

func ExampleStream() {
	g, err := gate.New(context.Background(), gate.Policy{Audiences: []string{"https://hello.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	grpc.NewServer(grpc.StreamInterceptor(grpcgate.Stream(g)))
}
