package gate_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/authcall/authcall/gate"
)

// Two paths of one service have callers of their own; the keys are fetched once.
func ExampleGate_Derive() {
	g, err := gate.New(context.Background(), gate.Policy{
		Audiences: []string{"https://hello.example.com"},
		Emails:    []string{"reader@my-project.iam.gserviceaccount.com"},
	})
	if err != nil {
		log.Fatal(err)
	}
	writers, err := g.Derive(gate.Policy{
		Audiences: []string{"https://hello.example.com"},
		Emails:    []string{"writer@my-project.iam.gserviceaccount.com"},
	})
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("GET /", g.Middleware(http.FileServer(http.Dir("pages"))))
	http.Handle("POST /", writers.Middleware(http.NotFoundHandler()))
}

// A service says that it is ready when it can tell good tokens from others.
func ExampleGate_Ready() {
	g, err := gate.New(context.Background(), gate.Policy{Audiences: []string{"https://hello.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := g.Ready(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
}

// An issuer other than Google, whose keys go-oidc fetches.
func ExampleKeySet() {
	var keys gate.KeySet = oidc.NewRemoteKeySet(context.Background(), "https://issuer.example.com/keys")
	g, err := gate.New(context.Background(), gate.Policy{
		Audiences: []string{"https://hello.example.com"},
		Issuers:   []string{"https://issuer.example.com"},
		Keys:      keys,
	})
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/", g.Middleware(http.NotFoundHandler()))
}

// What a handler of one's own answers to a refusal beside the status.
func ExampleReason_Challenge() {
	fmt.Println(gate.Missing.Challenge())
	fmt.Println(gate.Expired.Challenge())
	// Output:
	// Bearer
	// Bearer error="invalid_token", error_description="token refused: expired"
}
