package localgcp

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/authcall/authcall/internal/localgcp/frontdoor"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/issuer"
)

// frontDoor is the door of the service's kind, with the service's application
// behind it.
func (s *Server) frontDoor(ctx context.Context, service Service, origin string) (http.Handler, error) {
	app, err := service.handler()
	if err != nil {
		return nil, err
	}
	switch service.Kind {
	case IAP:
		return s.iapDoor(ctx, service, origin, app)
	case Envoy, Istio, APIGateway, Endpoints:
		return s.gateway(ctx, service, origin, app)
	case GoogleAPI:
		return s.googleAPI(service, app), nil
	default:
		return s.cloudRunDoor(ctx, service, origin, app)
	}
}

// cloudRunDoor stands before Cloud Run services and the functions of both
// generations, which differ in their audiences and in the permission.
func (s *Server) cloudRunDoor(ctx context.Context, service Service, origin string, app http.Handler) (http.Handler, error) {
	door := frontdoor.CloudRun{
		Audiences: append([]string{origin}, service.Audiences...),
		Resource:  s.config.serviceResource(service.Name),
		Hidden:    service.Hidden,
		Unsettled: service.Unsettled,
		Keys:      s.issuer.IDTokenKeys(),
		Directory: s.directory,
		Now:       s.clock.Now,
		App:       app,
	}
	switch service.Kind {
	case Function:
		door.Audiences = append(door.Audiences, origin+"/"+service.Name)
	case FunctionGen1:
		door.Audiences = []string{origin + service.path()}
		door.Permission = iam.InvokeFunction
		door.App = http.StripPrefix(service.path(), app)
		handler, err := door.Handler(ctx)
		return frontdoor.AtPath(service.path(), handler), err
	}
	return door.Handler(ctx)
}

// path is that of the service's URL.
func (s Service) path() string {
	if s.Kind == FunctionGen1 {
		return "/" + s.Name
	}
	return ""
}

func (s *Server) iapDoor(ctx context.Context, service Service, origin string, app http.Handler) (http.Handler, error) {
	door := frontdoor.IAP{
		ClientIDs:         service.Audiences,
		URL:               origin,
		Resource:          s.config.serviceResource(service.Name),
		AssertionAudience: s.assertionAudience(service),
		IDTokenKeys:       s.issuer.IDTokenKeys(),
		AccountKeys:       s.accountKeys,
		Signer:            s.issuer,
		Directory:         s.directory,
		Now:               s.clock.Now,
		App:               app,
	}
	if service.ClientID != "" {
		door.ClientIDs = append([]string{service.ClientID}, service.Audiences...)
	}
	if service.AccessTokens {
		door.AccessTokens = s.directory
	}
	return door.Handler(ctx)
}

// assertionAudience names the application as IAP does, by where it runs.
func (s *Server) assertionAudience(service Service) string {
	number := s.config.ProjectNumber
	switch service.Hosting {
	case OnAppEngine:
		return fmt.Sprintf("/projects/%s/apps/%s", number, s.config.Project)
	case BehindLoadBalancer:
		return fmt.Sprintf("/projects/%s/global/backendServices/%s", number, service.Name)
	}
	return fmt.Sprintf("/projects/%s/locations/%s/services/%s", number, s.config.Region, service.Name)
}

// gateway stands before an application where Envoy's filter is the door.
func (s *Server) gateway(ctx context.Context, service Service, origin string, app http.Handler) (http.Handler, error) {
	door := frontdoor.JWTAuthn{
		Audiences:    append([]string{origin}, service.Audiences...),
		Emails:       emails(service.Invokers),
		AllowMissing: service.Kind == Istio,
		Keys:         s.issuer.IDTokenKeys(),
		HasKey:       s.issuer.HasIDTokenKey,
		Now:          s.clock.Now,
		App:          app,
	}
	switch service.Kind {
	case APIGateway:
		door.JSON, door.UserInfo, door.Own = true, "X-Apigateway-Api-Userinfo", s.gatewayToken(service)
	case Endpoints:
		door.JSON, door.UserInfo, door.Own = true, "X-Endpoint-Api-Userinfo", s.gatewayToken(service)
	}
	return door.Handler(ctx)
}

// gatewayToken is what a gateway itself calls the application with.
func (s *Server) gatewayToken(service Service) func() (string, error) {
	return func() (string, error) {
		return s.issuer.IDToken(issuer.IDToken{
			Subject:  "1" + s.config.ProjectNumber,
			Audience: "https://" + service.Name + ".backend.local",
			Email:    "gateway@" + s.config.Project + ".iam.gserviceaccount.com",
		})
	}
}

// googleAPI takes access tokens. It tells the application its caller in the way of
// IAP, for the example applications show that.
func (s *Server) googleAPI(service Service, app http.Handler) http.Handler {
	front := s.front(service.Name+".googleapis.com", "Example API", service.Scopes...)
	return front.Pass("google.example.v1.Example.Get", func(w http.ResponseWriter, r *http.Request, caller iam.Principal) {
		r = r.Clone(r.Context())
		r.Header.Del("Authorization")
		r.Header.Set("X-Goog-Authenticated-User-Email", "accounts.google.com:"+caller.Email)
		app.ServeHTTP(w, r)
	})
}

// emails are those of members that are principals.
func emails(members []string) []string {
	var found []string
	for _, m := range members {
		if _, email, ok := strings.Cut(m, ":"); ok {
			found = append(found, email)
		}
	}
	return found
}
