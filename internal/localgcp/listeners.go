package localgcp

import (
	"context"
	"errors"
	stdlog "log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

const (
	headerTimeout = 10 * time.Second
	// closeGrace is how long answers under way may take when all is stopped.
	closeGrace = 2 * time.Second
)

// listeners are the open ports, each under a name that keeps its port over
// restarts.
type listeners struct {
	log   zerolog.Logger
	state state
	now   func() time.Time // for the Date of answers

	mu      sync.Mutex
	known   map[string]int
	used    map[string]int
	servers []*http.Server
	closed  bool
	running sync.WaitGroup
}

func newListeners(s state, log zerolog.Logger, now func() time.Time) (*listeners, error) {
	known, err := s.ports()
	return &listeners{log: log, state: s, now: now, known: known, used: map[string]int{}}, err
}

var errClosed = errors.New("the local Google is closed")

// listen opens the port that the name had last time, or any where that is taken.
func (l *listeners) listen(ctx context.Context, name string) (net.Listener, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, errClosed
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(l.known[name])))
	if err != nil {
		listener, err = config.Listen(ctx, "tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, err
	}
	if address, ok := listener.Addr().(*net.TCPAddr); ok {
		l.used[name] = address.Port
	}
	return listener, l.state.rememberPorts(l.used)
}

// serve answers at an open port until close.
func (l *listeners) serve(name string, listener net.Listener, handler http.Handler) error {
	log := l.log.With().Str("listener", name).Logger()
	server := &http.Server{
		Handler:           logged(log, dated(l.now, handler)),
		ReadHeaderTimeout: headerTimeout,
		ErrorLog:          stdlog.New(log, "", 0),
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return errors.Join(errClosed, listener.Close())
	}
	l.servers = append(l.servers, server)
	l.running.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error().Err(err).Msg("stopped serving")
		}
	})
	return nil
}

// close lets answers under way end for a moment, then cuts them off.
func (l *listeners) close() error {
	l.mu.Lock()
	l.closed = true
	servers := l.servers
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	var faults []error
	for _, s := range servers {
		if s.Shutdown(ctx) != nil {
			faults = append(faults, s.Close())
		}
	}
	l.running.Wait()
	return errors.Join(faults...)
}
