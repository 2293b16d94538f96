package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/oauth2"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/iamcredentials/v1"
	"google.golang.org/api/option"

	"github.com/authcall/authcall/internal/backoff"
)

// iamAttempts bounds how often one credential is asked for.
const iamAttempts = 4

// iam asks the IAM Credentials API for credentials of other accounts.
type iam struct {
	accounts *iamcredentials.ProjectsServiceAccountsService
	asker    *Ambient
	endpoint string
	backoff  backoff.Policy
}

// newIAM builds the client on the shared transport. Google's client retries
// nothing here, and would print tokens at debug level if its logger were left on.
func newIAM(ctx context.Context, ambient *Ambient, o Options) (*iam, error) {
	endpoint := o.IAMEndpoint
	if endpoint == "" {
		universe, err := ambient.universe(ctx)
		if err != nil {
			return nil, ambient.describe(err)
		}
		endpoint = "https://iamcredentials." + universe + "/"
	}
	service, err := iamcredentials.NewService(ctx,
		option.WithHTTPClient(&http.Client{Transport: &ambientTransport{ambient: ambient, next: o.Transport}}),
		option.WithEndpoint(endpoint),
		option.WithUserAgent(o.UserAgent),
		option.WithLogger(slog.New(slog.DiscardHandler)),
	)
	if err != nil {
		return nil, fmt.Errorf("set up the IAM Credentials API client: %w", err)
	}
	return &iam{accounts: service.Projects.ServiceAccounts, asker: ambient, endpoint: endpoint, backoff: o.Backoff}, nil
}

func (c *iam) idToken(ctx context.Context, account, audience string, delegates []string) (Secret, time.Time, error) {
	request := &iamcredentials.GenerateIdTokenRequest{
		Audience: audience, IncludeEmail: true, Delegates: resources(delegates),
	}
	var token string
	err := c.retry(ctx, func() error {
		answer, err := c.accounts.GenerateIdToken(resource(account), request).Context(ctx).Do()
		if err == nil {
			token = answer.Token
		}
		return err
	})
	if err != nil {
		return "", time.Time{}, err
	}
	exp, err := expiry(token)
	return Secret(token), exp, err
}

// accessToken takes an audience for the sake of one shape; these have none.
func (c *iam) accessToken(ctx context.Context, account, _ string, delegates []string) (Secret, time.Time, error) {
	request := &iamcredentials.GenerateAccessTokenRequest{Scope: []string{cloudPlatform}, Delegates: resources(delegates)}
	var token string
	var exp time.Time
	err := c.retry(ctx, func() error {
		answer, err := c.accounts.GenerateAccessToken(resource(account), request).Context(ctx).Do()
		if err != nil {
			return err
		}
		token = answer.AccessToken
		exp, err = time.Parse(time.RFC3339, answer.ExpireTime)
		return err
	})
	return Secret(token), exp, err
}

// signedJWT has the account sign a JWT about itself, as IAP takes it: its life
// is at most an hour.
func (c *iam) signedJWT(ctx context.Context, account, audience string, delegates []string) (Secret, time.Time, error) {
	now := time.Now()
	exp := now.Add(time.Hour - time.Second)
	payload, err := json.Marshal(map[string]any{
		"iss": account, "sub": account, "aud": audience, "iat": now.Unix(), "exp": exp.Unix(),
	})
	if err != nil {
		return "", time.Time{}, fmt.Errorf("encode claims: %w", err)
	}
	var token string
	err = c.retry(ctx, func() error {
		answer, err := c.accounts.SignJwt(resource(account),
			&iamcredentials.SignJwtRequest{Payload: string(payload), Delegates: resources(delegates)}).Context(ctx).Do()
		if err == nil {
			token = answer.SignedJwt
		}
		return err
	})
	return Secret(token), exp, err
}

// retry tries again where the API says that it is busy or broken. Asking for a
// credential changes nothing, so any try is safe.
func (c *iam) retry(ctx context.Context, try func() error) error {
	for n := 1; ; n++ {
		err := try()
		if err == nil {
			return nil
		}
		again, header := passing(err)
		if !again || n == iamAttempts || !c.backoff.Wait(ctx, c.backoff.Delay(n, header)) {
			return c.describe(ctx, err, n)
		}
	}
}

// passing says whether an error is likely to pass, and gives the header of the
// answer for its Retry-After.
func passing(err error) (bool, http.Header) {
	var own *ambientError
	if errors.As(err, &own) {
		return own.passing(), nil
	}
	var g *googleapi.Error
	if !errors.As(err, &g) {
		return true, nil
	}
	return busy(g.Code), g.Header
}

func busy(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

func (c *iam) describe(ctx context.Context, err error, attempts int) error {
	if refused := refusal(err); refused != nil {
		refused.Attempts = attempts
		return refused
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	var ambient *ambientError
	if errors.As(err, &ambient) {
		return ambient.err
	}
	return &UnreachableError{Server: "IAM Credentials API at " + c.endpoint, Err: err}
}

func resource(account string) string { return "projects/-/serviceAccounts/" + account }

func resources(accounts []string) []string {
	names := make([]string, 0, len(accounts))
	for _, account := range accounts {
		names = append(names, resource(account))
	}
	return names
}

// ambientTransport sends the ambient access token, and the quota project where
// the credentials name one.
type ambientTransport struct {
	ambient *Ambient
	next    http.RoundTripper
}

func (t *ambientTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	token, err := t.ambient.Token(r.Context())
	if err != nil {
		return nil, &ambientError{err: err}
	}
	r = r.Clone(r.Context())
	(&oauth2.Token{AccessToken: token.Reveal()}).SetAuthHeader(r)
	if t.ambient.quotaProject != "" {
		r.Header.Set("X-Goog-User-Project", t.ambient.quotaProject)
	}
	return t.next.RoundTrip(r)
}

// ambientError carries a failure to get the ambient token through http.Client,
// which wraps it.
type ambientError struct{ err error }

func (e *ambientError) Error() string { return e.err.Error() }

// passing says whether another try may help. A server that hung was waited for
// as long as a user should wait.
func (e *ambientError) passing() bool {
	var refused *Error
	if errors.As(e.err, &refused) {
		return busy(refused.Status)
	}
	var unreachable *UnreachableError
	hung := errors.Is(e.err, errSilent) || errors.Is(e.err, context.DeadlineExceeded)
	return errors.As(e.err, &unreachable) && !hung
}
