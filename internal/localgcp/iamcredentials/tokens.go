package iamcredentials

import (
	"strconv"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/issuer"
)

// maxLife is the longest life of an access token; longer ones need an
// organization policy.
const maxLife = time.Hour

// idTokenRequest is the body of generateIdToken. The local project lies in no
// organization, so that OrganizationNumberIncluded adds nothing.
type idTokenRequest struct {
	Audience                   string   `json:"audience"`
	Delegates                  []string `json:"delegates"`
	IncludeEmail               boolean  `json:"includeEmail"`
	OrganizationNumberIncluded boolean  `json:"organizationNumberIncluded"`
}

func (r *idTokenRequest) chain() []string { return r.Delegates }

func (r *idTokenRequest) validate() error {
	if r.Audience == "" {
		return apierror.InvalidArgument("Request contains an invalid argument: audience must not be empty.")
	}
	return nil
}

func (r *idTokenRequest) run(s *Server, account iam.Principal) (any, error) {
	want := issuer.IDToken{Subject: account.ID, Audience: r.Audience}
	if r.IncludeEmail {
		want.Email = account.Email
	}
	token, err := s.issuer.IDToken(want)
	return map[string]string{"token": token}, err
}

// accessTokenRequest is the body of generateAccessToken.
type accessTokenRequest struct {
	Delegates []string `json:"delegates"`
	Scope     []string `json:"scope"`
	Lifetime  string   `json:"lifetime"`
}

func (r *accessTokenRequest) chain() []string { return r.Delegates }

func (r *accessTokenRequest) validate() error {
	if len(r.Scope) == 0 {
		return apierror.InvalidArgument("Scope required.")
	}
	life, err := r.life()
	if err != nil {
		return apierror.InvalidArgument("Invalid value at 'lifetime' (type.googleapis.com/google.protobuf.Duration), %q", r.Lifetime)
	}
	if life <= 0 || life > maxLife {
		return apierror.InvalidArgument("The token lifetime must be more than 0s and at most %ds, got %s.", int(maxLife.Seconds()), r.Lifetime)
	}
	return nil
}

func (r *accessTokenRequest) life() (time.Duration, error) {
	if r.Lifetime == "" {
		return maxLife, nil
	}
	var d durationpb.Duration
	err := protojson.Unmarshal([]byte(strconv.Quote(r.Lifetime)), &d)
	return d.AsDuration(), err
}

func (r *accessTokenRequest) run(s *Server, account iam.Principal) (any, error) {
	life, err := r.life()
	if err != nil {
		return nil, err
	}
	token, expires, err := s.directory.AccessToken(account, r.Scope, life)
	return map[string]string{
		"accessToken": token,
		"expireTime":  expires.UTC().Format(time.RFC3339),
	}, err
}
