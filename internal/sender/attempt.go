package sender

import (
	"context"
	"time"

	"github.com/authcall/authcall/internal/backoff"
	"github.com/authcall/authcall/internal/gapi"
)

const (
	// callTimeout bounds one try of a call.
	callTimeout = 30 * time.Second
	// maxAttempts is how often a call is tried that may be made twice.
	maxAttempts = 3
)

// Once makes a call that must not be made twice. The error is a *gapi.Error, or
// the context's.
func Once[T any](ctx context.Context, op string, call func(context.Context) (T, error)) (T, error) {
	limited, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	result, err := call(limited)
	return result, gapi.AsError(ctx, op, err)
}

// Again makes a call that changes nothing when it is made twice, and makes it
// again where the API could not be reached.
func Again[T any](ctx context.Context, op string, call func(context.Context) (T, error)) (T, error) {
	waits := backoff.Default()
	for attempt := 1; ; attempt++ {
		result, err := Once(ctx, op, call)
		if !gapi.IsKind(err, gapi.Unavailable) || attempt == maxAttempts || !waits.Wait(ctx, waits.Delay(attempt, nil)) {
			return result, err
		}
	}
}
