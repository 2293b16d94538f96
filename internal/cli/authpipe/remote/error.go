package remote

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Error is a file that could not be read.
type Error struct {
	// Location is where it was looked for.
	Location Location
	// Status is that of the answer, 0 where none came.
	Status int
	// Err says what went wrong.
	Err error
}

func (e *Error) Error() string { return fmt.Sprintf("reading %s: %v", e.Location, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// Denied tells whether the caller lacks an identity or a permission.
func (e *Error) Denied() bool {
	return e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden
}

// maxMessage is how much of a refusal is read.
const maxMessage = 8 << 10

// refusal tells what an answer says that is not the file.
func refusal(l Location, answer *http.Response) error {
	text := answer.Status
	if message := message(answer.Body); message != "" {
		text += ": " + message
	}
	return &Error{Location: l, Status: answer.StatusCode, Err: fmt.Errorf("the server answered %s", text)}
}

// message is what one of Google's APIs says; anything else, such as a page of
// HTML, says nothing.
func message(body io.Reader) string {
	data, err := io.ReadAll(io.LimitReader(body, maxMessage))
	if err != nil {
		return ""
	}
	var answer struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(data, &answer) != nil {
		return ""
	}
	return strings.TrimSpace(answer.Error.Message)
}
