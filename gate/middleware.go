package gate

import (
	"context"
	"errors"
	"net/http"
)

type contextKey struct{}

// FromContext returns the claims of the caller that Middleware let in.
func FromContext(ctx context.Context) (*Claims, bool) {
	c, ok := ctx.Value(contextKey{}).(*Claims)
	return c, ok
}

// Middleware passes on the requests whose Authorization header holds a good
// token, with its claims in the context, and answers all others itself: 401 for
// the token, 403 for its holder, 503 where the keys cannot be had.
func (g *Gate) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, err := g.verifyRequest(r)
		if err != nil {
			answerRefusal(w, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, claims)))
	})
}

func (g *Gate) verifyRequest(r *http.Request) (*Claims, error) {
	token, err := Bearer(r.Header, "Authorization")
	if err != nil {
		return nil, err
	}
	return g.Verify(r.Context(), token)
}

func answerRefusal(w http.ResponseWriter, err error) {
	reason := Malformed
	if refusal, ok := errors.AsType[*Error](err); ok {
		reason = refusal.Reason
	}
	w.Header().Set("WWW-Authenticate", reason.challenge())
	http.Error(w, "token refused: "+string(reason), reason.Status())
}
