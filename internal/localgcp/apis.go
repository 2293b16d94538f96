package localgcp

import (
	"context"
	"fmt"
	"net/http"

	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/iamadmin"
	"github.com/authcall/authcall/internal/localgcp/iamcredentials"
	"github.com/authcall/authcall/internal/localgcp/oauthserver"
	"github.com/authcall/authcall/internal/localgcp/pipelineservice/gateway"
)

const apiListener = "apis"

// openAPIs serves all REST APIs at one address, as their paths do not clash.
func (s *Server) openAPIs(ctx context.Context) error {
	listener, err := s.listeners.listen(ctx, apiListener)
	if err != nil {
		return fmt.Errorf("APIs: %w", err)
	}
	s.apiURL = "http://" + listener.Addr().String()
	return s.listeners.serve(apiListener, listener, s.apis())
}

func (s *Server) apis() http.Handler {
	credentials := iamcredentials.New(
		s.config.front(iamcredentials.Service, iamcredentials.Title, []string{iamcredentials.Scope}, s.directory),
		s.directory, s.issuer, nil)
	admin := iamadmin.New(
		s.config.front(iamadmin.Service, iamadmin.Title, []string{iamadmin.Scope}, s.directory),
		s.directory)
	tokens := oauthserver.New(s.directory, nil).Handler()
	keys := s.issuer.Handler(s.isAccount)

	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/projects/{project}/serviceAccounts/{call}", func(w http.ResponseWriter, r *http.Request) {
		if iamadmin.Serves(r.PathValue("call")) {
			admin.TestPermissions()(w, r)
			return
		}
		credentials.ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /v1/projects/{project}/serviceAccounts/{call}", admin.Get())
	mux.Handle("/token", tokens)
	mux.Handle("/tokeninfo", tokens)
	mux.Handle("/oauth2/", keys)
	mux.Handle("/iap/verify/", keys)
	mux.Handle("/service_accounts/", keys)
	vertex := gateway.New(s.pipelines)
	mux.Handle("/v1/", vertex)
	mux.Handle("/v1beta1/", vertex)
	for _, prefix := range storagePaths() {
		mux.HandleFunc(prefix, refuseStorage)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		apierror.NotFound("Method not found.").Write(w)
	})
	return mux
}

func (s *Server) isAccount(email string) bool {
	p, ok := s.directory.Lookup(email)
	return ok && p.Kind == iam.ServiceAccount && p.Email == email
}
