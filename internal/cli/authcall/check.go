package authcall

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/authcall/authcall/component"
)

const checkHelp = `Usage: authcall check [flags] URL

Shows all that a call to URL needs, and whether it is so: the principal and where its
credential came from, whom it may become, the token that would be sent (its claims,
never the token), and what the target answers without and with it. Each row that is
not so has the command that mends it. Nothing is changed; the target is asked with GET.

Examples:
  authcall check https://hello-123456.us-central1.run.app/ --service-account caller@my-project.iam.gserviceaccount.com
  authcall check -output json https://hello-123456.us-central1.run.app/`

// runCheck shows what a call needs.
func runCheck(ctx context.Context, args []string, s streams) error {
	flags := newFlags("check", checkHelp, s)
	var set settings
	set.register(flags)
	format := flags.String("output", "text", "`FORMAT` of the result: text or json.")
	flags.StringVar(format, "o", "text", "`FORMAT`, as --output.")
	rest, err := parse(flags, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usageError("check takes one URL, got %d arguments", len(rest))
	}
	if *format != "text" && *format != "json" {
		return usageError("--output is %q, want text or json", *format)
	}
	set.add("url", rest[0])
	config, policy, log, err := load(s)
	if err != nil {
		return err
	}
	if err := set.apply(&config); err != nil {
		return err
	}
	caller, err := component.NewCaller(config, policy, log)
	if err != nil {
		return err
	}
	address, _, _ := strings.Cut(rest[0], "?") // a query may hold secrets
	return present(caller.Check(ctx), address, *format, s.out)
}

// present prints the checks, and ends with the code of the first that fails.
func present(checks []component.Check, url, format string, w io.Writer) error {
	var err error
	if format == "json" {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(struct {
			URL    string            `json:"url"`
			Checks []component.Check `json:"checks"`
		}{url, checks})
	} else {
		err = table(checks, w)
	}
	if err != nil {
		return err
	}
	for _, c := range checks {
		if !c.OK {
			return &exitError{code: c.Code}
		}
	}
	return nil
}

func table(checks []component.Check, w io.Writer) error {
	rows := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range checks {
		mark := "ok"
		if !c.OK {
			mark = "FAIL"
		}
		_, _ = fmt.Fprintf(rows, "%s\t%s\t%s\n", mark, c.Name, c.Detail) // Flush tells of errors
		if c.Cure != "" {
			_, _ = fmt.Fprintf(rows, "\t\tto fix: %s\n", c.Cure)
		}
	}
	return rows.Flush()
}
