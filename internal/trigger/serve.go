package trigger

import (
	"context"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

const (
	headerTime = 10 * time.Second
	// idleTime is longer than Google's load balancers keep a connection, which
	// would otherwise send a request into one that is just being closed.
	idleTime       = 620 * time.Second
	maxHeaderBytes = 64 << 10
)

// Listeners are where a receiver serves. It closes them.
type Listeners struct {
	// Events is for all; it is required.
	Events net.Listener
	// Metrics is for the metrics alone; nil means that Events has them too.
	Metrics net.Listener
}

// Serve serves until ctx ends, and then ends in good order: not ready, the
// deliveries under way worked off within the time that the configuration gives,
// and nil for an error.
func (rc *Receiver) Serve(ctx context.Context, l Listeners) error {
	servers := map[*http.Server]net.Listener{rc.server(rc.Handler(l.Metrics == nil)): l.Events}
	if l.Metrics != nil {
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", rc.Metrics())
		servers[rc.server(mux)] = l.Metrics
	}
	failed := make(chan error, len(servers))
	for server, listener := range servers {
		go func() { failed <- server.Serve(listener) }()
	}
	go func() { _ = rc.keys.Ready(ctx) }() // so that the first delivery does not wait for the keys
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	rc.goDown(ctx, servers)
	return err
}

func (rc *Receiver) server(handler http.Handler) *http.Server {
	limit := rc.config.Limits.RequestTime()
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: min(headerTime, limit),
		ReadTimeout:       limit,
		WriteTimeout:      limit + headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          log.New(serverLog{rc.log}, "", 0),
	}
}

// goDown waits for what is under way. The listeners stay open meanwhile, to say that
// the receiver is not ready.
func (rc *Receiver) goDown(ctx context.Context, servers map[*http.Server]net.Listener) {
	rc.log.Info().Msg("going down: the deliveries under way are worked off")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rc.config.Limits.ShutdownTime())
	defer cancel()
	select {
	case <-rc.work.drain():
	case <-ctx.Done():
	}
	for server := range servers {
		if err := server.Shutdown(ctx); err != nil {
			rc.log.Warn().Msg("the time for going down ran out: what is left is delivered again")
			_ = server.Close() // nobody waits for these any more
		}
	}
}

// serverLog takes what the HTTP library says: a fault of ours is an error, the broken
// requests of strangers are nobody's business.
type serverLog struct{ log zerolog.Logger }

// Write implements io.Writer.
func (l serverLog) Write(p []byte) (int, error) {
	first, _, _ := strings.Cut(string(p), "\n") // what follows is the stack
	level := zerolog.DebugLevel
	if strings.HasPrefix(first, "http: panic") {
		level = zerolog.ErrorLevel
	}
	l.log.WithLevel(level).Msg(first)
	return len(p), nil
}
