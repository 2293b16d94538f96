// Command app is a service that only chosen callers reach, without any front
// door before it: the gate is in the service itself.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/authcall/authcall/gate"
)

func main() {
	ctx := context.Background()
	g, err := gate.New(ctx, gate.Policy{
		Audiences: strings.Fields(os.Getenv("AUDIENCES")),
		Emails:    strings.Fields(os.Getenv("CALLERS")), // none: every valid token
		KeysURL:   os.Getenv("KEYS_URL"),                // none: Google's
		Public:    []string{"/healthz"},
	})
	if err != nil {
		log.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", os.Getenv("ADDRESS"))
	if err != nil {
		log.Fatal(err)
	}
	log.Print("listening on ", listener.Addr())
	server := http.Server{Handler: g.Middleware(http.HandlerFunc(hello)), ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.Serve(listener))
}

func hello(w http.ResponseWriter, r *http.Request) {
	caller, ok := gate.FromContext(r.Context())
	if !ok {
		caller = &gate.Claims{Email: "anybody"}
	}
	_, _ = fmt.Fprintln(w, "hello,", caller.Email) // a caller who is gone hears nothing
}
