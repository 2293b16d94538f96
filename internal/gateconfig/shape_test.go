package gateconfig_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/authcall/authcall/internal/gateconfig"
)

// meta is what every Kubernetes resource has.
type meta struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Metadata   struct {
		Name string `yaml:"name"`
	} `yaml:"metadata"`
}

type selector struct {
	MatchLabels map[string]string `yaml:"matchLabels"`
}

// requestAuthentication is the part of Istio's resource that we may use.
// https://istio.io/latest/docs/reference/config/security/request_authentication/
type requestAuthentication struct {
	meta `yaml:",inline"`
	Spec struct {
		Selector selector `yaml:"selector"`
		JWTRules []struct {
			Issuer                string                           `yaml:"issuer"`
			JWKSURI               string                           `yaml:"jwksUri"`
			Audiences             []string                         `yaml:"audiences"`
			ForwardOriginalToken  bool                             `yaml:"forwardOriginalToken"`
			OutputClaimToHeaders  []struct{ Header, Claim string } `yaml:"outputClaimToHeaders"`
			OutputPayloadToHeader string                           `yaml:"outputPayloadToHeader"`
		} `yaml:"jwtRules"`
	} `yaml:"spec"`
}

// authorizationPolicy is the part of Istio's resource that we may use.
// https://istio.io/latest/docs/reference/config/security/authorization-policy/
type authorizationPolicy struct {
	meta `yaml:",inline"`
	Spec struct {
		Selector selector `yaml:"selector"`
		Action   string   `yaml:"action"`
		Rules    []struct {
			From []struct {
				Source struct {
					RequestPrincipals []string `yaml:"requestPrincipals"`
				} `yaml:"source"`
			} `yaml:"from"`
			When []condition `yaml:"when"`
		} `yaml:"rules"`
	} `yaml:"spec"`
}

type condition struct {
	Key    string   `yaml:"key"`
	Values []string `yaml:"values"`
}

// strict decodes the documents of a text one after the other, and refuses
// fields that the targets do not have.
func strict(t *testing.T, text string, targets ...any) {
	t.Helper()
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	for _, target := range targets {
		if err := decoder.Decode(target); err != nil {
			t.Fatal(err)
		}
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		t.Fatalf("after the documents: %v", err)
	}
}

func TestIstioResources(t *testing.T) {
	t.Parallel()
	var authentication requestAuthentication
	var policy authorizationPolicy
	strict(t, render(t, "istio", nil), &authentication, &policy)
	if got := authentication.APIVersion + " " + authentication.Kind; got != "security.istio.io/v1 RequestAuthentication" {
		t.Errorf("the first resource is %s", got)
	}
	if got := policy.APIVersion + " " + policy.Kind; got != "security.istio.io/v1 AuthorizationPolicy" {
		t.Errorf("the second resource is %s", got)
	}
	want := settings()
	rule := authentication.Spec.JWTRules[0]
	if diff := cmp.Diff([]any{gateconfig.Issuer, want.KeysURL, want.Audiences, true}, []any{rule.Issuer, rule.JWKSURI, rule.Audiences, rule.ForwardOriginalToken}); diff != "" {
		t.Errorf("rule (-want +got):\n%s", diff)
	}
	allow := policy.Spec.Rules[0]
	// Istio names a principal by issuer and subject.
	if diff := cmp.Diff([]string{gateconfig.Issuer + "/*"}, allow.From[0].Source.RequestPrincipals); policy.Spec.Action != "ALLOW" || diff != "" {
		t.Errorf("action %s, principals (-want +got):\n%s", policy.Spec.Action, diff)
	}
	if diff := cmp.Diff([]condition{{"request.auth.claims[email]", want.Emails}}, allow.When); diff != "" {
		t.Errorf("conditions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(authentication.Spec.Selector, policy.Spec.Selector); diff != "" {
		t.Errorf("the resources are about different workloads:\n%s", diff)
	}
}

// openAPI is the part of OpenAPI 2.0, with Google's extensions, that we may use.
// https://cloud.google.com/endpoints/docs/openapi/openapi-extensions
type openAPI struct {
	Swagger string `yaml:"swagger"`
	Info    struct {
		Title   string `yaml:"title"`
		Version string `yaml:"version"`
	} `yaml:"info"`
	Host    string   `yaml:"host"`
	Schemes []string `yaml:"schemes"`
	Backend struct {
		Address         string `yaml:"address"`
		PathTranslation string `yaml:"path_translation"`
	} `yaml:"x-google-backend"`
	Definitions map[string]struct {
		Type             string `yaml:"type"`
		Flow             string `yaml:"flow"`
		AuthorizationURL string `yaml:"authorizationUrl"`
		Issuer           string `yaml:"x-google-issuer"`
		JWKSURI          string `yaml:"x-google-jwks_uri"`
		Audiences        string `yaml:"x-google-audiences"`
	} `yaml:"securityDefinitions"`
	Security []map[string][]string `yaml:"security"`
	Paths    map[string]map[string]struct {
		OperationID string `yaml:"operationId"`
		Responses   map[string]struct {
			Description string `yaml:"description"`
		} `yaml:"responses"`
	} `yaml:"paths"`
}

func TestEndpointsDocument(t *testing.T) {
	t.Parallel()
	var api openAPI
	strict(t, render(t, "endpoints", nil), &api)
	if api.Swagger != "2.0" || api.Host != "hello" || api.Info.Title == "" || api.Info.Version == "" {
		t.Errorf("head = %+v", api)
	}
	want := settings()
	google := api.Definitions["google"]
	if diff := cmp.Diff([]string{"oauth2", "implicit", gateconfig.Issuer, want.KeysURL, strings.Join(want.Audiences, ",")},
		[]string{google.Type, google.Flow, google.Issuer, google.JWKSURI, google.Audiences}); diff != "" {
		t.Errorf("definition (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]map[string][]string{{"google": {}}}, api.Security); diff != "" {
		t.Errorf("security (-want +got):\n%s", diff)
	}
	seen := map[string]bool{}
	for method, operation := range api.Paths["/**"] {
		if operation.OperationID == "" || seen[operation.OperationID] || len(operation.Responses) == 0 {
			t.Errorf("%s: operation %+v, want an id of its own and a response", method, operation)
		}
		seen[operation.OperationID] = true
	}
	if len(seen) == 0 {
		t.Error("no operation")
	}
}
