package auth

import (
	"fmt"
	"io"
)

const redacted = "[redacted]"

// Secret is a token. It shows itself to nobody who merely prints it: every fmt
// verb and every text encoding give a placeholder.
type Secret string

// Reveal returns the token itself, for the one header that carries it.
func (s Secret) Reveal() string { return string(s) }

// Format hides the token from every fmt verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText hides the token from JSON and other text encodings.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
