package frontdoor

import (
	"net/http"
	"strings"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

// Directory knows the principals and what they may do.
type Directory interface {
	Lookup(emailOrID string) (iam.Principal, bool)
	Allowed(p iam.Principal, permission, resource string) bool
}

const authorization = "Authorization"

// bearerToken returns the token of the header, with ok false where there is
// none. Of several tokens it returns all as one, which is no good token.
func bearerToken(h http.Header, name string) (token string, ok bool) {
	token, err := gate.Bearer(h, name)
	if err == nil {
		return token, true
	}
	reason := reasonOf(err)
	return strings.Join(h.Values(name), ","), reason != gate.Missing
}
