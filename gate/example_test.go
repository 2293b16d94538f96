package gate_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/authcall/authcall/gate"
)

// A service of one's own lets in one service account alone.
func Example() {
	g, err := gate.New(context.Background(), gate.Policy{
		Audiences: []string{"https://hello.example.com"},
		Emails:    []string{"caller@my-project.iam.gserviceaccount.com"},
		Public:    []string{"/healthz"},
	})
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/", g.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, _ := gate.FromContext(r.Context())
		_, _ = fmt.Fprintln(w, "hello,", caller.Email)
	})))
}

// Every fault of a policy is told at once.
func ExampleNew() {
	_, err := gate.New(context.Background(), gate.Policy{Algorithms: []string{"none"}})
	fmt.Println(err)
	// Output:
	// gate policy: no audience: a token meant for any other service would be let in
	// algorithm "none", want RS256 or ES256
}

// An application behind Identity-Aware Proxy checks that a request has really
// come through it.
func ExampleIAPPolicy() {
	policy := gate.IAPPolicy("/projects/123456/global/backendServices/789")
	policy.Domains = []string{"example.com"}
	g, err := gate.New(context.Background(), policy)
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/", g.Middleware(http.FileServer(http.Dir("pages"))))
}

func ExampleGate_Middleware() {
	g, err := gate.New(context.Background(), gate.Policy{Audiences: []string{"https://hello.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	answer := httptest.NewRecorder()
	g.Middleware(http.NotFoundHandler()).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	fmt.Println(answer.Code, answer.Header().Get("WWW-Authenticate"), answer.Body)
	// Output: 401 Bearer token refused: missing
}

// A program that has its tokens from elsewhere than a request asks for the
// reason of a refusal.
func ExampleGate_Verify() {
	g, err := gate.New(context.Background(), gate.Policy{Audiences: []string{"https://hello.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	_, err = g.Verify(context.Background(), "ya29.not-an-id-token")
	if refusal, ok := errors.AsType[*gate.Error](err); ok {
		fmt.Println(refusal.Reason, refusal.Reason.Status())
	}
	// Output: malformed 401
}

func ExampleGate_VerifyHeader() {
	g, err := gate.New(context.Background(), gate.Policy{Audiences: []string{"https://hello.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	_, err = g.VerifyHeader(context.Background(), http.Header{"Authorization": {"Basic dXNlcjpwYXNz"}})
	fmt.Println(err)
	// Output: token refused: missing: the Authorization header has another scheme than Bearer
}

func ExampleGate_Public() {
	g, err := gate.New(context.Background(), gate.Policy{
		Audiences: []string{"https://hello.example.com"},
		Public:    []string{"/healthz"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(g.Public("/healthz"), g.Public("/healthz/"))
	// Output: true false
}

// A test of a handler needs no token.
func ExampleNewContext() {
	handler := func(w http.ResponseWriter, r *http.Request) {
		caller, _ := gate.FromContext(r.Context())
		_, _ = fmt.Fprint(w, "hello, ", caller.Email)
	}
	ctx := gate.NewContext(context.Background(), &gate.Claims{Email: "ann@example.com"})
	answer := httptest.NewRecorder()
	handler(answer, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody))
	fmt.Println(answer.Body)
	// Output: hello, ann@example.com
}

func ExampleFromContext() {
	_, ok := gate.FromContext(context.Background())
	fmt.Println(ok)
	// Output: false
}

// Claims that Claims has no field for are decoded by name.
func ExampleClaims_Decode() {
	handler := func(w http.ResponseWriter, r *http.Request) {
		caller, _ := gate.FromContext(r.Context())
		var more struct {
			Google struct {
				AccessLevels []string `json:"access_levels"`
			} `json:"google"`
		}
		if err := caller.Decode(&more); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_, _ = fmt.Fprintln(w, more.Google.AccessLevels)
	}
	http.HandleFunc("/", handler)
}

func ExampleBearer() {
	token, err := gate.Bearer(http.Header{"Authorization": {"bearer abc"}}, "Authorization")
	fmt.Println(token, err)
	// Output: abc <nil>
}

func ExampleReason_Status() {
	fmt.Println(gate.Expired.Status(), gate.CallerNotAllowed.Status(), gate.KeysUnavailable.Status())
	// Output: 401 403 503
}

func ExampleGoogleIssuers() {
	fmt.Println(gate.GoogleIssuers())
	// Output: [https://accounts.google.com accounts.google.com]
}
