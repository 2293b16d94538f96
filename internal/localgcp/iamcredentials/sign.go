package iamcredentials

import (
	"encoding/json"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

// maxJWTLife is how far in the future the exp claim of a JWT may lie.
const maxJWTLife = 12 * time.Hour

// signJWTRequest is the body of signJwt.
type signJWTRequest struct {
	Delegates []string `json:"delegates"`
	Payload   string   `json:"payload"`
}

func (r *signJWTRequest) chain() []string { return r.Delegates }

func (r *signJWTRequest) validate() error {
	var claims map[string]json.RawMessage
	if err := json.Unmarshal([]byte(r.Payload), &claims); err != nil || claims == nil {
		return apierror.InvalidArgument("The payload must be a JSON object of JWT claims.")
	}
	return nil
}

func (r *signJWTRequest) run(s *Server, account iam.Principal) (any, error) {
	var claims struct {
		Expiry *jwt.NumericDate `json:"exp"`
	}
	if err := json.Unmarshal([]byte(r.Payload), &claims); err != nil {
		return nil, apierror.InvalidArgument("The exp claim must be a number of seconds.")
	}
	if end := claims.Expiry.Time(); claims.Expiry != nil && (!end.After(s.now()) || end.After(s.now().Add(maxJWTLife))) {
		return nil, apierror.InvalidArgument("The exp claim must lie in the future, and at most 12 hours.")
	}
	id, token, err := s.issuer.SignJWT(account.Email, []byte(r.Payload))
	return map[string]string{"keyId": id, "signedJwt": token}, err
}

// signBlobRequest is the body of signBlob.
type signBlobRequest struct {
	Delegates []string `json:"delegates"`
	Payload   []byte   `json:"payload"` // base64 in JSON
}

func (r *signBlobRequest) chain() []string { return r.Delegates }

func (r *signBlobRequest) validate() error {
	if len(r.Payload) == 0 {
		return apierror.InvalidArgument("The payload must not be empty.")
	}
	return nil
}

func (r *signBlobRequest) run(s *Server, account iam.Principal) (any, error) {
	id, signature, err := s.issuer.SignBlob(account.Email, r.Payload)
	return map[string]any{"keyId": id, "signedBlob": signature}, err
}
