package gate_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/authcall/authcall/gate"
)

// A service of one's own lets in one service account alone.
func Example() {
	g, err := gate.New(context.Background(), gate.Policy{
		Audiences: []string{"https://hello.example.com"},
		Emails:    []string{"caller@my-project.iam.gserviceaccount.com"},
	})
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/", g.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, _ := gate.FromContext(r.Context())
		_, _ = fmt.Fprintln(w, "hello,", caller.Email)
	})))
}
