package component

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/api/googleapi"

	"github.com/authcall/authcall/internal/auth"
	"github.com/authcall/authcall/internal/diagnose"
)

// checkRights asks what the principal may do with the account to call as.
func (c *Caller) checkRights(ctx context.Context) []Check {
	if c.config.Auth == auth.None || c.config.ServiceAccount == "" || len(c.config.Delegates) > 0 {
		return nil
	}
	held, err := c.heldOn(ctx, c.config.ServiceAccount)
	if err != nil {
		// Many may mint tokens that may not ask this: the mint itself decides.
		c.log.Debug().Err(err).Msg("what may be done with the account is not known")
		return nil
	}
	needed := neededRight(c.config.Auth)
	if slices.Contains(held, needed) {
		return []Check{{Name: "may become " + c.config.ServiceAccount, OK: true, Detail: strings.Join(held, " ")}}
	}
	refused := &auth.Error{
		Op: "check " + needed, Account: c.config.ServiceAccount, Principal: c.source.Principal(ctx),
		Status: http.StatusForbidden, Metadata: map[string]string{"permission": needed},
	}
	return []Check{failedCheck("may become "+c.config.ServiceAccount, diagnose.Error(refused))}
}

func neededRight(kind auth.Kind) string {
	switch kind {
	case auth.IAPJWT:
		return "iam.serviceAccounts.signJwt"
	case auth.AccessToken:
		return "iam.serviceAccounts.getAccessToken"
	default:
		return "iam.serviceAccounts.getOpenIdToken"
	}
}

// heldOn lists which rights on an account the principal has.
func (c *Caller) heldOn(ctx context.Context, account string) ([]string, error) {
	client, err := c.source.AmbientClient(ctx)
	if err != nil {
		return nil, err
	}
	endpoint := c.policy.IAMAdminEndpoint
	if endpoint == "" {
		universe, err := c.source.Universe(ctx)
		if err != nil {
			return nil, err
		}
		endpoint = "https://iam." + universe + "/"
	}
	const asked = `{"permissions": ["iam.serviceAccounts.getOpenIdToken", "iam.serviceAccounts.getAccessToken",` +
		` "iam.serviceAccounts.signJwt", "iam.serviceAccounts.implicitDelegation", "iam.serviceAccounts.actAs"]}`
	place := strings.TrimSuffix(endpoint, "/") + "/v1/projects/-/serviceAccounts/" + account + ":testIamPermissions"
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, place, strings.NewReader(asked))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }() // read below
	if err := googleapi.CheckResponse(response); err != nil {
		return nil, err
	}
	var answer struct {
		Permissions []string `json:"permissions"`
	}
	const enough = 64 << 10
	err = json.NewDecoder(io.LimitReader(response.Body, enough)).Decode(&answer)
	return answer.Permissions, err
}
