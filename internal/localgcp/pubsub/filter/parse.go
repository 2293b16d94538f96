package filter

import (
	"fmt"
	"strconv"
	"strings"
	"text/scanner"
	"unicode"
)

const end = scanner.EOF

// parser reads by recursive descent, one token ahead. After its first error it
// reads no further.
type parser struct {
	scanner scanner.Scanner
	token   rune
	err     error
}

func newParser(text string) *parser {
	p := &parser{}
	p.scanner.Init(strings.NewReader(text))
	p.scanner.Mode = scanner.ScanIdents | scanner.ScanStrings
	p.scanner.Error = func(_ *scanner.Scanner, message string) { p.fail("%s", message) }
	p.scanner.IsIdentRune = func(r rune, i int) bool {
		return r == '_' || i > 0 && r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r)
	}
	p.next()
	return p
}

func (p *parser) next() {
	if p.err == nil {
		p.token = p.scanner.Scan()
	}
	if p.err != nil {
		p.token = end
	}
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("at byte %d: "+format, append([]any{p.scanner.Offset + 1}, args...)...)
	}
	p.token = end
}

func (p *parser) expected(what string) {
	got := strconv.Quote(p.scanner.TokenText())
	if p.token == end {
		got = "the end"
	}
	p.fail("got %s, want %s", got, what)
}

// word takes a word of the language.
func (p *parser) word(word string) bool {
	if p.token != scanner.Ident || p.scanner.TokenText() != word {
		return false
	}
	p.next()
	return true
}

// sign takes a sign.
func (p *parser) sign(sign rune) bool {
	if p.token != sign {
		return false
	}
	p.next()
	return true
}

func (p *parser) want(sign rune) {
	if !p.sign(sign) {
		p.expected(strconv.Quote(string(sign)))
	}
}

// expression is terms joined by one of AND and OR. Both together need
// parentheses.
func (p *parser) expression() Filter {
	terms := []Filter{p.term()}
	for _, joint := range []struct {
		word string
		join func([]Filter) Filter
	}{{"AND", all}, {"OR", anyOf}} {
		for p.word(joint.word) {
			terms = append(terms, p.term())
		}
		if len(terms) > 1 {
			if p.token == scanner.Ident {
				p.fail("got %q, want parentheses where AND and OR are together", p.scanner.TokenText())
			}
			return joint.join(terms)
		}
	}
	return terms[0]
}

func (p *parser) term() Filter {
	switch {
	case p.word("NOT"), p.sign('-'):
		return not(p.term())
	case p.sign('('):
		f := p.expression()
		p.want(')')
		return f
	case p.word("hasPrefix"):
		return p.prefix()
	case p.word("attributes"):
		return p.comparison()
	}
	p.expected("attributes, hasPrefix, NOT or a parenthesis")
	return nil
}

func (p *parser) prefix() Filter {
	p.want('(')
	if !p.word("attributes") {
		p.expected("attributes")
	}
	p.want('.')
	key := p.key()
	p.want(',')
	prefix := p.text()
	p.want(')')
	return startsWith(key, prefix)
}

func (p *parser) comparison() Filter {
	if p.sign(':') {
		return has(p.key())
	}
	p.want('.')
	key := p.key()
	negative := p.sign('!')
	p.want('=')
	f := equals(key, p.text())
	if negative {
		return not(f)
	}
	return f
}

// key is a name, in quotes where it has other signs than letters, digits, - and _,
// or is a word of the language.
func (p *parser) key() string {
	if p.token != scanner.Ident {
		return p.text()
	}
	name := p.scanner.TokenText()
	if name == "AND" || name == "OR" || name == "NOT" {
		p.expected("a key")
	}
	p.next()
	return name
}

func (p *parser) text() string {
	if p.token != scanner.String {
		p.expected("a text in double quotes")
		return ""
	}
	text, err := strconv.Unquote(p.scanner.TokenText())
	if err != nil {
		p.fail("%s is no text that can be read", p.scanner.TokenText())
	}
	p.next()
	return text
}
