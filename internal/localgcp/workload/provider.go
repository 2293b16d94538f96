package workload

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/localgcp/apierror"
)

// KeyName is the name under which the provider's key is kept among those of the
// service accounts.
const KeyName = "workload-identity-provider"

// TokenLife is how long a subject token is good. A file of one is written once,
// at the start.
const TokenLife = 30 * 24 * time.Hour

// Signer signs with a named key.
type Signer interface {
	SignJWT(name string, payload []byte) (keyID, token string, err error)
}

// Provider issues subject tokens.
type Provider struct {
	// Issuer is the iss claim: the provider's URL.
	Issuer string
	// Audience is the aud claim: the provider as Google's pool knows it.
	Audience string
	// RequestToken is the bearer token that a job must show for a token in JSON.
	RequestToken string
	// Signer signs the tokens under KeyName.
	Signer Signer
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Token issues a token of a subject.
func (p Provider) Token(subject string) (string, error) {
	now := time.Now
	if p.Now != nil {
		now = p.Now
	}
	payload, err := json.Marshal(map[string]any{
		"iss": p.Issuer, "sub": subject, "aud": p.Audience, "iat": now().Unix(), "exp": now().Add(TokenLife).Unix(),
	})
	if err != nil {
		return "", err
	}
	_, token, err := p.Signer.SignJWT(KeyName, payload)
	return token, err
}

// Handler serves a subject's token at /idp/text/SUBJECT as text to everybody on
// the machine, and at /idp/json/SUBJECT as JSON to the job that has RequestToken,
// as CI services do.
func (p Provider) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /idp/text/{subject}", func(w http.ResponseWriter, r *http.Request) {
		token, err := p.Token(r.PathValue("subject"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write([]byte(token))
	})
	mux.HandleFunc("GET /idp/json/{subject}", p.serveJSON)
	return mux
}

func (p Provider) serveJSON(w http.ResponseWriter, r *http.Request) {
	if shown, err := gate.Bearer(r.Header, "Authorization"); err != nil || shown != p.RequestToken {
		http.Error(w, "the request token is missing or wrong", http.StatusUnauthorized)
		return
	}
	token, err := p.Token(r.PathValue("subject"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	apierror.WriteJSON(w, http.StatusOK, map[string]string{"value": token})
}
