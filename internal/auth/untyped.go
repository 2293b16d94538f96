package auth

import (
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
)

// statusText is how Google's library tells, in a text alone, that a token exchange
// or an impersonation was refused.
const statusText = `(?s)status code (\d{3}): (.*)`

// untypedRefusal finds such a refusal; nil means that there is none. The text is
// not kept: it is the whole answer.
func untypedRefusal(op string, err error) *Error {
	found := regexp.MustCompile(statusText).FindStringSubmatch(err.Error())
	if found == nil {
		return nil
	}
	status, _ := strconv.Atoi(found[1]) // three digits
	e := &Error{Op: op, Status: status, Err: errors.New("the token endpoint refused")}
	e.readBody([]byte(found[2]))
	return e
}

// readBody reads what an error document says, of an OAuth endpoint or of a Google
// API; another body says nothing.
func (e *Error) readBody(body []byte) {
	var document struct {
		Error       json.RawMessage `json:"error"`
		Description string          `json:"error_description"`
	}
	if json.Unmarshal(body, &document) != nil {
		return
	}
	if json.Unmarshal(document.Error, &e.Reason) == nil {
		e.Message = oneLine(document.Description)
		return
	}
	var api struct {
		Message string `json:"message"`
		Details []struct {
			Reason   string            `json:"reason"`
			Metadata map[string]string `json:"metadata"`
		} `json:"details"`
	}
	if json.Unmarshal(document.Error, &api) != nil {
		return
	}
	e.Message = oneLine(api.Message)
	for _, d := range api.Details {
		if d.Reason != "" {
			e.Reason, e.Metadata = d.Reason, d.Metadata
			return
		}
	}
}
