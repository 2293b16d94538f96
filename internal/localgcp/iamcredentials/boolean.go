package iamcredentials

import (
	"fmt"
	"strconv"
	"strings"
)

// boolean is a JSON boolean that may also be given as text in any case, as
// clients in the wild do ("includeEmail": "TRUE").
type boolean bool

// UnmarshalJSON accepts true, "true" and "TRUE".
func (b *boolean) UnmarshalJSON(data []byte) error {
	word := strings.ToLower(strings.Trim(string(data), `"`))
	if word == "null" {
		return nil
	}
	v, err := strconv.ParseBool(word)
	if err != nil || len(word) < len("true") {
		return fmt.Errorf("got %.20s, want a boolean", data)
	}
	*b = boolean(v)
	return nil
}
