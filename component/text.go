package component

import (
	"bytes"
	"unicode/utf8"
)

// validUTF8 drops a character that was cut at the end, and replaces bytes that
// are no text, for parameters are stored as JSON.
func validUTF8(text []byte) string {
	for cut := 1; cut < utf8.UTFMax && cut <= len(text); cut++ {
		if last := text[len(text)-cut:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				text = text[:len(text)-cut]
			}
			break
		}
	}
	return string(bytes.ToValidUTF8(text, []byte("\uFFFD")))
}
