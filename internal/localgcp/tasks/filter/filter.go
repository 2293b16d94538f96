package filter

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"google.golang.org/protobuf/proto"
)

// Filter says whether a resource is in a list.
type Filter func(proto.Message) bool

// comparison is FIELD OPERATOR VALUE, with what follows it.
var comparison = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s*([A-Za-z][A-Za-z0-9_.]*)\s*(<=|>=|!=|<|>|=|:)\s*("(?:[^"\\]|\\.)*"|[^\s"]+)(?:\s+AND\s+|\s*$)`)
})

// Parse reads a filter. Any other part of the filter language is refused rather than
// passed over.
func Parse(text string) (Filter, error) {
	var all []compared
	for rest := text; strings.TrimSpace(rest) != ""; {
		m := comparison().FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("%q is not understood: want FIELD OPERATOR VALUE, joined by AND, with one of the operators : = != < <= > >=", strings.TrimSpace(rest))
		}
		all = append(all, compared{path: strings.Split(m[1], "."), operator: m[2], value: unquote(m[3])})
		if rest = rest[len(m[0]):]; rest == "" && strings.HasSuffix(strings.TrimRight(m[0], " \t\n\r"), " AND") {
			return nil, fmt.Errorf("%q ends with AND", text)
		}
	}
	return func(m proto.Message) bool {
		for _, c := range all {
			if !c.holds(m) {
				return false
			}
		}
		return true
	}, nil
}

// unquote takes the quotes off a value.
func unquote(text string) string {
	inner, quoted := strings.CutPrefix(text, `"`)
	if !quoted {
		return text
	}
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(strings.TrimSuffix(inner, `"`))
}
