package frontdoor

import (
	"bytes"
	"encoding/json"
)

// compact is JSON on one line; its values are such that it cannot fail.
func compact(value any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value)
	return bytes.TrimSpace(b.Bytes())
}
