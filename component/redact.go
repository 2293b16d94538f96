package component

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// redacted stands where a secret was.
const redacted = "[redacted]"

// leastSecret is how long a secret is at the least, in bytes: what is shorter stands
// in every text.
const leastSecret = 4

// secrets are what a call sends in secret, in the forms in which a service may show
// it.
type secrets []string

// redact takes them out of a text that is shown, as parameters and messages are: a
// service may answer with what it was sent.
func (s secrets) redact(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, redacted)
	}
	return text
}

// redactCut does so with a text that may end within one of them.
func (s secrets) redactCut(text string) string {
	text = s.redact(text)
	for _, secret := range s {
		for n := len(secret) - 1; n >= leastSecret; n-- {
			if whole, cut := strings.CutSuffix(text, secret[:n]); cut {
				return whole + redacted
			}
		}
	}
	return text
}

// textOf is the start of a body as an output parameter: valid UTF-8, cut between
// characters, and not within a secret.
func (c *Caller) textOf(body []byte) string {
	return c.shown().redactCut(validUTF8(body[:min(len(body), responseTextBytes)]))
}

// publishedBytes is how much of a header stands in artifact metadata: runtimes keep
// that in a metadata store.
const publishedBytes = 16 << 10

// published are the headers that may stand in artifact metadata: not those that
// hand out credentials, none that repeats ours, and no more than there is room for.
func (c *Caller) published(header http.Header) map[string]any {
	headers, room, hidden := make(map[string]any, len(header)), publishedBytes, c.shown()
	for _, name := range slices.Sorted(maps.Keys(header)) {
		switch name {
		case "Set-Cookie", "Authorization", "Proxy-Authorization", "X-Serverless-Authorization", "Www-Authenticate", "Proxy-Authenticate":
			continue
		}
		text := hidden.redact(strings.Join(header[name], ", "))
		if size := len(name) + len(text); size <= room {
			headers[strings.ToLower(name)] = text
			room -= size
		}
	}
	return headers
}

// shown are the secrets of the call so far.
func (c *Caller) shown() secrets {
	sent := c.secrets
	if c.sent != nil {
		sent = append([]string{c.sent.last.Token.Reveal()}, sent...)
	}
	var forms secrets
	for _, secret := range sent {
		if len(secret) < leastSecret {
			continue
		}
		forms = append(forms, secret)
		if quoted := inJSON(secret); quoted != secret {
			forms = append(forms, quoted)
		}
	}
	return forms
}

// inJSON is a text as it stands between the quotes of JSON.
func inJSON(text string) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string always has a JSON form
	return strings.Trim(b.String(), "\n\"")
}
