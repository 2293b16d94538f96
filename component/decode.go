package component

import (
	"encoding/json"
	"strings"
	"unicode"
)

// mismatchError says what JSON an option takes that got another. It never shows
// the value, for that may be a secret.
type mismatchError struct{ want string }

func (e *mismatchError) Error() string { return "want " + e.want }

// StringMap is a JSON object of strings, as text in the environment and in flags.
type StringMap map[string]string

// Decode reads a JSON object; it satisfies envconfig.Decoder. The error never
// shows the value, for headers may hold secrets.
func (m *StringMap) Decode(text string) error {
	var got map[string]string
	if err := decodeJSON(text, &got); err != nil {
		return &mismatchError{`a JSON object of strings such as {"Name": "value"}`}
	}
	*m = got
	return nil
}

// StringList is a JSON array of strings, as text in the environment and in flags.
type StringList []string

// Decode reads a JSON array, or names separated by commas; it satisfies
// envconfig.Decoder.
func (l *StringList) Decode(text string) error {
	if trimmed := strings.TrimSpace(text); trimmed != "" && trimmed[0] != '[' {
		*l = strings.FieldsFunc(trimmed, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
		return nil
	}
	var got []string
	if err := decodeJSON(text, &got); err != nil {
		return &mismatchError{`a JSON array of strings such as ["a", "b"]`}
	}
	*l = got
	return nil
}

func decodeJSON(text string, into any) error {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), into)
}

// snakeCase turns a field name into an input name: FailOnHTTPError becomes
// fail_on_http_error. A run of capitals is one word.
func snakeCase(field string) string {
	var b strings.Builder
	runes := []rune(field)
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
