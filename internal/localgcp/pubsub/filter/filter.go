package filter

import (
	"fmt"
	"strings"
)

// MaxBytes is the greatest length of a filter.
const MaxBytes = 256

// Filter tells whether a subscription wants a message. The zero value is none.
type Filter func(attributes map[string]string) bool

// Wants says whether a message of these attributes is wanted.
func (f Filter) Wants(attributes map[string]string) bool { return f == nil || f(attributes) }

// Parse reads a filter; an empty one wants every message.
func Parse(text string) (Filter, error) {
	if text == "" {
		return nil, nil
	}
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("got %d bytes, want at most %d", len(text), MaxBytes)
	}
	p := newParser(text)
	f := p.expression()
	if p.token != end {
		p.expected("AND, OR or the end")
	}
	if p.err != nil {
		return nil, p.err
	}
	return f, nil
}

func not(f Filter) Filter {
	return func(attributes map[string]string) bool { return !f(attributes) }
}

func all(filters []Filter) Filter {
	return func(attributes map[string]string) bool {
		for _, f := range filters {
			if !f(attributes) {
				return false
			}
		}
		return true
	}
}

func anyOf(filters []Filter) Filter {
	return func(attributes map[string]string) bool {
		for _, f := range filters {
			if f(attributes) {
				return true
			}
		}
		return false
	}
}

func has(key string) Filter {
	return func(attributes map[string]string) bool {
		_, ok := attributes[key]
		return ok
	}
}

func equals(key, value string) Filter {
	return func(attributes map[string]string) bool {
		got, ok := attributes[key]
		return ok && got == value
	}
}

func startsWith(key, prefix string) Filter {
	return func(attributes map[string]string) bool {
		got, ok := attributes[key]
		return ok && strings.HasPrefix(got, prefix)
	}
}
