package diagnose

import (
	"encoding/json"
	"net/http"

	"github.com/authcall/authcall/internal/auth"
	"github.com/authcall/authcall/internal/exitcode"
)

// apiError is the error document of Google's own APIs.
type apiError struct {
	Error struct {
		Message string `json:"message"`
		Details []struct {
			Reason string `json:"reason"`
		} `json:"details"`
	} `json:"error"`
}

func (r refused) apiError() (apiError, bool) {
	var e apiError
	err := json.Unmarshal(r.head, &e)
	return e, err == nil && len(e.Error.Details) > 0
}

// isWrongToken knows a Google API that was sent another token than it takes.
func isWrongToken(r refused) bool {
	_, known := r.apiError()
	return known && r.answer.Status == http.StatusUnauthorized && r.caller.Kind != auth.AccessToken
}

func explainWrongToken(r refused) Finding {
	e, _ := r.apiError()
	return Finding{
		Cause: r.said("a Google API takes access tokens: " + excerpt([]byte(e.Error.Message))),
		Cure:  "set auth to access-token",
		Code:  exitcode.Identity,
	}
}
