package gate

import (
	"context"
	"errors"
	"net/http"
	"slices"
)

type contextKey struct{}

// NewContext returns a context with the claims of a caller. The middleware does
// this for a service; whoever verifies by other ways, or tests a handler without
// a gate, does it oneself.
func NewContext(ctx context.Context, c *Claims) context.Context {
	return context.WithValue(ctx, contextKey{}, c)
}

// FromContext returns the claims of the caller that was let in. There are none
// where the policy makes the path public.
func FromContext(ctx context.Context) (*Claims, bool) {
	c, ok := ctx.Value(contextKey{}).(*Claims)
	return c, ok
}

// Public says whether everybody may ask for a path.
func (g *Gate) Public(path string) bool { return slices.Contains(g.policy.Public, path) }

// Middleware passes on the requests that hold a good token, with its claims in
// the context, and those for public paths; it answers all others itself: 401 for
// the token, 403 for its holder, 503 where the keys cannot be had.
func (g *Gate) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.Public(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		claims, err := g.VerifyHeader(r.Context(), r.Header)
		if err != nil {
			answerRefusal(w, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(NewContext(r.Context(), claims)))
	})
}

func answerRefusal(w http.ResponseWriter, err error) {
	reason := Malformed
	if refusal, ok := errors.AsType[*Error](err); ok {
		reason = refusal.Reason
	}
	w.Header().Set("WWW-Authenticate", reason.Challenge())
	http.Error(w, "token refused: "+string(reason), reason.Status())
}
