package yamlfault_test

import (
	"bytes"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/authcall/authcall/internal/yamlfault"
)

type Config struct{ Names []string }

func TestPlain(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"no YAML", "a: b: c", "mapping values are not allowed in this context"},
		{"unknown fields", "a: 1\nb: 2", "line 1: field a not found\nline 2: field b not found"},
		{"another type", "[]", "line 1: cannot unmarshal !!seq"},
		{"twice", "names: [a]\nnames: [b]", `line 2: mapping key "names" already defined at line 1`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			decoder := yaml.NewDecoder(bytes.NewReader([]byte(tt.text)))
			decoder.KnownFields(true)
			if got := yamlfault.Plain(decoder.Decode(new(Config))); got.Error() != tt.want {
				t.Errorf("Plain() = %q, want %q", got, tt.want)
			}
		})
	}
	var anything map[string]any
	if got := yamlfault.Plain(yaml.Unmarshal([]byte("[]"), &anything)); got.Error() != "line 1: cannot unmarshal !!seq" {
		t.Errorf("Plain() = %q, want no type of Go in it", got)
	}
}
