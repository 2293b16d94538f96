package authcall

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/authcall/authcall/internal/exitcode"
	"github.com/authcall/authcall/internal/tokeninfo"
)

const verifyHelp = `Usage: authcall verify [flags] < TOKEN

Says of a token on stdin whether it is valid and why not, what it claims, and who
accepts it. The token itself is never shown. The keys are fetched from Google.

Exit codes: 0 valid, 1 not valid, 2 bad usage, 4 not known, for the keys cannot be had.

Examples:
  authcall token https://hello-123456.us-central1.run.app | authcall verify
  authcall verify --audience https://hello.example.com -o json < token.txt`

// maxStdinBytes is more than any token has.
const maxStdinBytes = 64 << 10

// runVerify explains a token.
func runVerify(ctx context.Context, args []string, s streams) error {
	flags := newFlags("verify", verifyHelp, s)
	var o tokeninfo.Options
	flags.Func("audience", "`AUDIENCE` that the token must be for; may be repeated (default: any)", func(text string) error {
		o.Audiences = append(o.Audiences, text)
		return nil
	})
	flags.StringVar(&o.KeysURL, "keys-url", "", "`URL` of the issuer's keys; plain http on loopback only (default: where Google publishes them)")
	format := flags.String("output", "text", "`FORMAT` of the result: text or json.")
	flags.StringVar(format, "o", "text", "As --output.")
	rest, err := parse(flags, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usageError("verify reads the token from stdin and takes no argument, got %d", len(rest))
	}
	if *format != "text" && *format != "json" {
		return usageError("--output is %q, want text or json", *format)
	}
	token, err := readToken(s.in)
	if err != nil {
		return err
	}
	info, err := tokeninfo.Inspect(ctx, token, o)
	if err != nil {
		return usageError("%w", err)
	}
	return showInfo(info, *format, s.out)
}

// readToken takes a token as it stands in a header, too.
func readToken(r io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxStdinBytes))
	if err != nil {
		return "", usageError("reading the token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if scheme, rest, ok := strings.Cut(token, " "); ok && strings.EqualFold(scheme, "Bearer") {
		token = strings.TrimSpace(rest)
	}
	return token, nil
}

func showInfo(info tokeninfo.Info, format string, w io.Writer) error {
	show := infoTable
	if format == "json" {
		show = infoJSON
	}
	if err := show(info, w); err != nil {
		return err
	}
	switch {
	case info.Valid:
		return nil
	case info.Undecided():
		return &exitError{code: exitcode.Unreachable}
	default:
		return &exitError{code: exitcode.Failed}
	}
}

func infoJSON(info tokeninfo.Info, w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(info)
}

func infoTable(info tokeninfo.Info, w io.Writer) error {
	rows := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			_, _ = fmt.Fprintf(rows, "%s\t%s\n", plain(name), plain(value)) // Flush tells of errors
		}
	}
	row("valid", verdict(info))
	row("kind", string(info.Kind))
	for _, who := range info.AcceptedBy {
		row("accepted by", who)
	}
	for _, warning := range info.Warnings {
		row("but", warning)
	}
	row("algorithm", info.Algorithm)
	row("key", info.KeyID)
	for _, name := range slices.Sorted(maps.Keys(info.Claims)) {
		row(name, claimText(name, info.Claims[name]))
	}
	return rows.Flush()
}

func verdict(info tokeninfo.Info) string {
	if info.Valid {
		return "yes"
	}
	said := "no: "
	if info.Undecided() {
		said = "not known: "
	}
	said += string(info.Reason)
	if info.Detail != "" {
		said += ": " + info.Detail
	}
	return said
}

// plain keeps control characters, of a token that nobody vouches for, off the
// terminal.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

// claimText shows times as people read them.
func claimText(name string, value any) string {
	switch v := value.(type) {
	case string:
		return v
	case float64:
		if name == "iat" || name == "exp" || name == "nbf" {
			return time.Unix(int64(v), 0).UTC().Format(time.RFC3339)
		}
	}
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(text)
}
