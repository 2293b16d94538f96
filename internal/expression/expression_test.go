package expression

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
)

func TestEvaluate(t *testing.T) {
	t.Parallel()
	answer := Answer{
		Status: 201,
		Header: http.Header{"X-Kind": {"a", "b"}},
		Body:   []byte(`{"id": 7, "tags": ["x"], "big": 12345678901234567890}`),
	}
	cases := []struct {
		name, source string
		answer       Answer
		want         string
		truth        bool
		wantErr      string
	}{
		{name: "status", source: ".status == 201", answer: answer, want: "true", truth: true},
		{name: "header, lower-case and joined", source: `.headers["x-kind"]`, answer: answer, want: "a, b", truth: true},
		{name: "body's value", source: ".body.tags", answer: answer, want: `["x"]`, truth: true},
		{name: "body that is not JSON is text", source: ".body", answer: Answer{Body: []byte("plain")}, want: "plain", truth: true},
		{name: "no value is null", source: "empty", answer: answer},
		{name: "false", source: ".body.id == 8", answer: answer, want: "false"},
		{name: "large number", source: ".body.big", answer: answer, want: "12345678901234567890", truth: true},
		{name: "number as it is written", source: ".body", answer: Answer{Body: []byte(`{"a": 1.10, "b": 9007199254740993, "c": 1e400}`)}, want: `{"a":1.10,"b":9007199254740993,"c":1e400}`, truth: true},
		{name: "sum of numbers", source: ".body.a + .body.b", answer: Answer{Body: []byte(`{"a": 1, "b": 2.5}`)}, want: "3.5", truth: true},
		{name: "number compared", source: ".body == 1", answer: Answer{Body: []byte(`1.0`)}, want: "true", truth: true},
		{name: "body with a byte order mark", source: ".body.a", answer: Answer{Body: []byte("\uFEFF{\"a\": 1}")}, want: "1", truth: true},
		{name: "body with something behind its JSON", source: ".body", answer: Answer{Body: []byte("{} x")}, want: "{} x", truth: true},
		{name: "body that is no UTF-8", source: ".body", answer: Answer{Body: []byte("caf\xe9")}, want: "caf\uFFFD", truth: true},
		{name: "repeated name", source: ".body.a", answer: Answer{Body: []byte(`{"a": 1, "a": 2}`)}, want: "2", truth: true},
		{name: "no number", source: "nan", answer: answer, want: "null", truth: true},
		{name: "failing", source: ".body.id | keys", answer: answer, wantErr: "keys cannot be applied"},
		{name: "sees no environment", source: "env | length", answer: answer, want: "0", truth: true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e, err := Compile(c.source)
			if err != nil {
				t.Fatal(err)
			}
			value, err := e.Evaluate(t.Context(), c.answer)
			if !matches(err, c.wantErr) {
				t.Fatalf("Evaluate error = %v, want %q", err, c.wantErr)
			}
			got, err := Text(value)
			if err != nil || got != c.want || Truth(value) != c.truth {
				t.Errorf("Evaluate = %q (true: %v), %v; want %q (true: %v)", got, Truth(value), err, c.want, c.truth)
			}
		})
	}
}

func TestCompileSaysWhere(t *testing.T) {
	t.Parallel()
	cases := []struct{ source, want string }{
		{".status ==", "unexpected EOF"},
		{".body | nosuch", "function not defined: nosuch/0 at byte 9"},
		{".nosuch | map($x)", "variable not defined: $x at byte 15"},
		{".a | ) .b", "at byte 6"},
	}
	for _, c := range cases {
		if _, err := Compile(c.source); !matches(err, c.want) {
			t.Errorf("Compile(%q) error = %v, want %q", c.source, err, c.want)
		}
	}
	if e, err := Compile("  "); err != nil || !e.IsEmpty() {
		t.Errorf("Compile of blanks = %v, %v; want the empty expression", e, err)
	}
}

func TestTextIsBounded(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]string{
		"long text":                            `"x" * 100000`,
		"long list":                            `[range(100000)]`,
		"list that holds itself many times":    `reduce range(60) as $i (1; [., .])`,
		"object that holds itself many times":  `reduce range(60) as $i (1; {a: ., b: .})`,
		"text that is longer in JSON":          `["\u0001" * 50000]`,
		"number that is longer than its value": `[range(30000) / 7]`,
	} {
		e, err := Compile(source)
		if err != nil {
			t.Fatal(err)
		}
		value, err := e.Of(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := Text(value); !matches(err, "longer than 98304 bytes") {
			t.Errorf("%s: %d bytes, error %v; want that it is too long", name, len(text), err)
		}
	}
}

func TestAnEndedContextIsNoFaultOfTheExpression(t *testing.T) {
	t.Parallel()
	e, err := Compile("def f: f; f")
	if err != nil {
		t.Fatal(err)
	}
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped)
	if _, err := e.Of(ctx, nil); !errors.Is(err, stopped) {
		t.Errorf("error = %v, want the cause of the context's end", err)
	}
}

func FuzzCompile(f *testing.F) {
	for _, seed := range []string{"", ".a", ".a |", "def f: f; f", `"\(1)"`} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, source string) { _, _ = Compile(source) })
}

func matches(err error, want string) bool {
	if want == "" {
		return err == nil
	}
	return err != nil && strings.Contains(err.Error(), want)
}

func TestConstant(t *testing.T) {
	t.Parallel()
	cases := []struct {
		source   string
		want     any
		constant bool
	}{
		{source: `"text"`, want: "text", constant: true},
		{source: `60`, want: 60, constant: true},
		{source: `true`, want: true, constant: true},
		{source: `null`, constant: true},
		{source: `"text \(.body)"`},
		{source: `"text" | ascii_upcase`},
		{source: `"text".a`},
		{source: `.body`},
		{source: `1 + 2`},
		{source: `def f: .; 1`},
	}
	for _, c := range cases {
		e, err := Compile(c.source)
		if err != nil {
			t.Fatal(err)
		}
		if got, constant := e.Constant(); got != c.want || constant != c.constant {
			t.Errorf("%s: got %v, %v; want %v, %v", c.source, got, constant, c.want, c.constant)
		}
	}
}
