package localgcp

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/oauthserver"
	"github.com/authcall/authcall/internal/localgcp/sts"
	"github.com/authcall/authcall/internal/localgcp/workload"
)

const apiListener = "apis"

// openAPIs serves all REST APIs at one address, as their paths do not clash.
func (s *Server) openAPIs(ctx context.Context) error {
	listener, err := s.listeners.listen(ctx, apiListener)
	if err != nil {
		return fmt.Errorf("APIs: %w", err)
	}
	s.apiURL = "http://" + listener.Addr().String()
	handler, err := s.startAPIs(ctx)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	return s.listeners.serve(apiListener, listener, handler)
}

// startAPIs starts what has gRPC too, for the REST APIs are its other face.
func (s *Server) startAPIs(ctx context.Context) (handler http.Handler, err error) {
	if s.deliver, err = delivery.New(delivery.Options{Clock: s.clock, APIs: s.apiURL, Log: s.log}); err != nil {
		return nil, err
	}
	if err := s.openRPC(ctx); err != nil {
		return nil, err
	}
	return s.apis(ctx)
}

func (s *Server) apis(ctx context.Context) (http.Handler, error) {
	exchange, err := s.tokenExchange(ctx)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	s.addResources(mux)
	s.addTokens(mux)
	mux.Handle("POST /v1/token", exchange)
	mux.Handle("/idp/", s.provider().Handler())
	mux.HandleFunc("POST /local/clock:advance", s.advance)
	if err := s.addRPC(mux); err != nil {
		return nil, err
	}
	s.addStorage(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		apierror.NotFound("Method not found.").Write(w)
	})
	return mux, nil
}

func (s *Server) addTokens(mux *http.ServeMux) {
	tokens := oauthserver.New(oauthserver.Options{
		Directory:   s.directory,
		TokenURL:    s.apiURL + "/token",
		AccountKeys: s.accountKeys,
		IDTokens:    s.issuer,
		Now:         s.clock.Now,
	}).Handler()
	mux.Handle("/token", tokens)
	mux.Handle("/tokeninfo", tokens)
	keys := s.issuer.Handler(s.isAccount)
	mux.Handle("/oauth2/", keys)
	mux.Handle("/iap/verify/", keys)
	mux.Handle("/service_accounts/", keys)
}

// tokenExchange takes the tokens of our own provider.
func (s *Server) tokenExchange(ctx context.Context) (http.Handler, error) {
	o := s.config.exchange()
	o.Issuer = s.provider().Issuer
	o.Keys = s.issuer.AccountKeys(workload.KeyName)
	o.Directory = s.directory
	o.Now = s.clock.Now
	return sts.New(ctx, o)
}

func (s *Server) accountKeys(email string) gate.KeySet { return s.issuer.AccountKeys(email) }

func (s *Server) isAccount(email string) bool {
	p, ok := s.directory.Lookup(email)
	return ok && p.Kind == iam.ServiceAccount && p.Email == email
}
