package authpipe

import (
	"cmp"
	"context"
	"errors"
	"net"

	"github.com/rs/zerolog"
	"golang.org/x/oauth2/google"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/logging"
	"github.com/authcall/authcall/internal/trigger"
	"github.com/authcall/authcall/internal/trigger/config"
	"github.com/authcall/authcall/internal/vertex"
)

// serveEvents is the command: find the place, check the configuration, receive.
func serveEvents(ctx context.Context, f *factory, o serveOptions) (err error) {
	if o.printConfig {
		return o.printExample(f)
	}
	log, err := o.log(f)
	if err != nil {
		return err
	}
	v, err := o.venue(ctx, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.close()) }()
	if o.check {
		return o.checkOnly(ctx, f, v)
	}
	listeners, err := o.open(ctx, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll(listeners)) }()
	at := "http://" + reachable(listeners.Events.Addr())
	c, err := o.readConfig(ctx, f, v, at)
	if err != nil {
		return err
	}
	s, err := f.openLasting(ctx, target{project: c.Project, location: c.Location, endpoint: v.endpoint, credentialsFile: v.credentialsFile})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	receiver, err := o.receiver(ctx, f, v, c, s, log)
	if err != nil {
		return err
	}
	if err := o.announce(f, v, c, at, log); err != nil {
		return err
	}
	return receiver.Serve(ctx, listeners)
}

// venue is the local Google, or the place that the environment and the flags name;
// what is missing there may be in the configuration.
func (o serveOptions) venue(ctx context.Context, f *factory) (*venue, error) {
	if o.local.on {
		return f.venue(ctx, o.placeFlags)
	}
	return &venue{target: target{
		project:  cmp.Or(o.cloud.project, f.defaults.Project),
		location: cmp.Or(o.cloud.location, f.defaults.Location),
		endpoint: f.defaults.VertexEndpoint,
	}}, nil
}

// log is JSON for whoever collects it, and lines for people.
func (o serveOptions) log(f *factory) (zerolog.Logger, error) {
	form := o.logFormat
	if form == "" {
		form = "json"
		if isTerminal(f.stderr) {
			form = "text"
		}
	}
	log, err := logging.New(f.stderr, logging.Options{Level: o.logLevel, Format: form})
	if err != nil {
		return log, usageErrorf("--log-level: %w", err)
	}
	return log, nil
}

func (o serveOptions) receiver(ctx context.Context, f *factory, v *venue, c *config.Config, s *lastingSession, log zerolog.Logger) (*trigger.Receiver, error) {
	receiver, err := trigger.New(ctx, trigger.Options{
		Config:  c,
		Creator: s,
		Tokens:  o.tokens(ctx, f, v),
		Log:     log,
		Explain: s.explain,
		Ready:   []func(context.Context) error{func(ctx context.Context) error { return haveToken(ctx, s.credentials) }},
	})
	if err != nil {
		return nil, &usageError{err}
	}
	return receiver, nil
}

// tokens says by which keys and which clock tokens are verified: Google's, or those of
// a local Google.
func (o serveOptions) tokens(ctx context.Context, f *factory, v *venue) gate.Policy {
	keys, endpoint := f.defaults.KeysURL, f.defaults.LocalEndpoint
	if v.local != nil {
		env := values(v.local.Env())
		keys, endpoint = env["AUTHPIPE_KEYS_URL"], env["AUTHPIPE_LOCAL_ENDPOINT"]
	}
	policy := gate.Policy{KeysURL: cmp.Or(o.keysURL, keys)}
	if endpoint != "" {
		policy.Now = f.localTime(ctx, endpoint)
	}
	return policy
}

// haveToken says whether the credentials give a token. The library that gets it
// takes no context.
func haveToken(ctx context.Context, credentials *google.Credentials) error {
	done := make(chan error, 1)
	go func() {
		_, err := credentials.TokenSource.Token()
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			return &vertex.Error{Kind: vertex.Credentials, Op: "getting an access token", Message: err.Error(), Err: err}
		}
		return nil
	case <-ctx.Done():
		return &vertex.Error{Kind: vertex.Credentials, Op: "getting an access token", Message: "no answer in time", Err: ctx.Err()}
	}
}

// address is where the events are sent to.
func (o serveOptions) address(d defaults) string {
	switch {
	case o.listen != "":
		return o.listen
	case o.local.on:
		return "127.0.0.1:8080"
	default:
		return ":" + cmp.Or(d.Port, "8080")
	}
}

// open opens the addresses that are served.
func (o serveOptions) open(ctx context.Context, f *factory) (trigger.Listeners, error) {
	var l trigger.Listeners
	var listen net.ListenConfig
	var err error
	if l.Events, err = listen.Listen(ctx, "tcp", o.address(f.defaults)); err != nil {
		return l, usageErrorf("--listen: %w", err)
	}
	if o.metricsListen != "" {
		if l.Metrics, err = listen.Listen(ctx, "tcp", o.metricsListen); err != nil {
			return l, usageErrorf("--metrics-listen: %w", errors.Join(err, l.Events.Close()))
		}
	}
	return l, nil
}

// closeAll closes what the receiver may not have come to close.
func closeAll(l trigger.Listeners) error {
	var errs []error
	for _, listener := range []net.Listener{l.Events, l.Metrics} {
		if listener == nil {
			continue
		}
		if err := listener.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// reachable is an address that this machine reaches: one for all of the machine's
// is none.
func reachable(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}
