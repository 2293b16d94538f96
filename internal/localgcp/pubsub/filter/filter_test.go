package filter_test

import (
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2/pstest"

	"github.com/authcall/authcall/internal/localgcp/pubsub/filter"
)

func TestWants(t *testing.T) {
	t.Parallel()
	com := map[string]string{"name": "com", "lang": "en"}
	net := map[string]string{"name": "net", "iana.org/language_tag": "en-GB"}
	none := map[string]string{}
	tests := []struct {
		filter string
		wants  []map[string]string
		not    []map[string]string
	}{
		{``, []map[string]string{com, net, none}, nil},
		{`attributes:name`, []map[string]string{com, net}, []map[string]string{none}},
		{`NOT attributes:name`, []map[string]string{none}, []map[string]string{com, net}},
		{`-attributes:name`, []map[string]string{none}, []map[string]string{com, net}},
		{`attributes.name = "com"`, []map[string]string{com}, []map[string]string{net, none}},
		{`attributes.name="com"`, []map[string]string{com}, []map[string]string{net, none}},
		{`attributes.name != "com"`, []map[string]string{net, none}, []map[string]string{com}},
		{`attributes."iana.org/language_tag" = "en-GB"`, []map[string]string{net}, []map[string]string{com}},
		{`attributes:"iana.org/language_tag"`, []map[string]string{net}, []map[string]string{com}},
		{`hasPrefix(attributes.name, "co")`, []map[string]string{com}, []map[string]string{net, none}},
		{`hasPrefix(attributes.name, "")`, []map[string]string{com, net}, []map[string]string{none}},
		{`attributes.name = "\u0063om"`, []map[string]string{com}, []map[string]string{net}},
		{`attributes.name = "com" AND attributes.lang = "en"`, []map[string]string{com}, []map[string]string{net}},
		{`attributes.name = "net" OR attributes.name = "com"`, []map[string]string{com, net}, []map[string]string{none}},
		{`attributes:name AND (attributes:lang OR hasPrefix(attributes."iana.org/language_tag", "en-"))`,
			[]map[string]string{com, net}, []map[string]string{none, {"name": "x"}}},
		{`NOT attributes:lang AND attributes:name`, []map[string]string{net}, []map[string]string{com, none}},
		{`NOT (attributes:lang OR attributes:name)`, []map[string]string{none}, []map[string]string{com, net}},
	}
	for _, tt := range tests {
		t.Run(tt.filter, func(t *testing.T) {
			t.Parallel()
			f, err := filter.Parse(tt.filter)
			if err != nil {
				t.Fatal(err)
			}
			for _, attributes := range tt.wants {
				if !f.Wants(attributes) {
					t.Errorf("it does not want %v", attributes)
				}
			}
			for _, attributes := range tt.not {
				if f.Wants(attributes) {
					t.Errorf("it wants %v", attributes)
				}
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ filter, want string }{
		{`attributes`, `got the end, want "."`},
		{`attributes.name = com`, `got "com", want a text in double quotes`},
		{`attributes.name`, `got the end, want "="`},
		{`attributes.name > "a"`, `got ">", want "="`},
		{`attributes.name = "a`, "literal not terminated"},
		{`attributes.name = "\x"`, "at byte"},
		{`attributes:a AND attributes:b OR attributes:c`, "want parentheses where AND and OR are together"},
		{`attributes:a OR attributes:b AND attributes:c`, "want parentheses where AND and OR are together"},
		{`attributes:a attributes:b`, `got "attributes", want AND, OR or the end`},
		{`(attributes:a`, `got the end, want ")"`},
		{`hasPrefix(attributes.a)`, `got ")", want ","`},
		{`hasSuffix(attributes.a, "b")`, `got "hasSuffix", want attributes, hasPrefix, NOT or a parenthesis`},
		{`attributes:OR`, `got "OR", want a key`},
		{`data = "x"`, `got "data"`},
		{`attributes:` + strings.Repeat("a", 250), "got 261 bytes, want at most 256"},
	}
	for _, tt := range tests {
		t.Run(tt.filter, func(t *testing.T) {
			t.Parallel()
			if _, err := filter.Parse(tt.filter); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

// What we take, the fake server of Google's own client takes too.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`attributes:a AND NOT attributes.b = "c"`, `hasPrefix(attributes."x y", "\u00e4")`, `-(attributes:a OR attributes:b)`, `((`, `"`, `attributes.1="2"`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ours, err := filter.Parse(text)
		if err != nil || text == "" {
			return
		}
		ours.Wants(nil)
		ours.Wants(map[string]string{"a": "b"})
		quoted := strings.ContainsAny(text, `"`)
		if err := pstest.ValidateFilter(text); err != nil && !quoted && isASCII(text) {
			t.Errorf("%q: the fake server refuses it: %v", text, err)
		}
	})
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > 0x7f })
}
