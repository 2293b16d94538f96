package localgcp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"

	"github.com/authcall/authcall/internal/localgcp/apps"
)

// openServices puts each service behind its front door.
func (s *Server) openServices(ctx context.Context) error {
	for _, service := range s.config.Services {
		if err := s.openService(ctx, service); err != nil {
			return fmt.Errorf("service %s: %w", service.Name, err)
		}
	}
	return nil
}

func (s *Server) openService(ctx context.Context, service Service) error {
	name := "service/" + service.Name
	listener, err := s.listeners.listen(ctx, name)
	if err != nil {
		return err
	}
	origin := "http://" + listener.Addr().String()
	door, err := s.frontDoor(ctx, service, origin)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	s.services[service.Name] = origin + service.path()
	return s.listeners.serve(name, listener, door)
}

func (s Service) handler() (http.Handler, error) {
	if s.App != "" {
		return apps.Named(s.App)
	}
	target, err := url.Parse(s.Upstream)
	if err != nil {
		return nil, err
	}
	return &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(target)
		p.SetXForwarded()
	}}, nil
}

// ServiceURL is the URL of a service, less the slash at its end, empty where there is none of the name.
func (s *Server) ServiceURL(name string) string { return s.services[name] }

// Example returns the parameters with which a built-in pipeline calls the first
// service of its kind: as the first account that the service lets in. They are
// none where there is no such service.
func (s *Server) Example(pipeline string) map[string]string {
	i := slices.IndexFunc(s.config.Services, func(service Service) bool { return string(service.Kind) == pipeline })
	if i < 0 {
		return nil
	}
	service := s.config.Services[i]
	parameters := map[string]string{"url": s.services[service.Name] + "/"}
	if account := firstAccount(service.members()); account != "" {
		parameters["service_account"] = account
	}
	if service.Kind == IAP {
		parameters["audience"] = service.ClientID
	}
	return parameters
}
