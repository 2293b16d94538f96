package printable

import (
	"strings"
	"unicode"
)

// Line folds white space, shows control characters as U+FFFD and drops those that
// only steer how others are set, as the direction of writing.
func Line(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ', unicode.IsPrint(r):
			return r
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return unicode.ReplacementChar
	}, strings.Join(strings.Fields(text), " "))
}
