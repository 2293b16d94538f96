package authcall

import (
	"context"
	"fmt"

	"github.com/authcall/authcall/component"
)

const tokenHelp = `Usage: authcall token [flags] [URL]

Prints the token that a call to URL would carry, and nothing else, on stdout. This is
the one place where a token is shown. Without URL, --audience says what it is for.

Examples:
  authcall token --audience 123-abc.apps.googleusercontent.com --service-account caller@my-project.iam.gserviceaccount.com
  curl -H "Authorization: Bearer $(authcall token https://hello-123456.us-central1.run.app)" https://hello-123456.us-central1.run.app/`

// runToken prints a token because it is asked to.
func runToken(ctx context.Context, args []string, s streams) error {
	flags := newFlags("token", tokenHelp, s)
	var set settings
	set.register(flags)
	rest, err := parse(flags, args)
	if err != nil {
		return err
	}
	if len(rest) > 1 {
		return usageError("token takes one URL, got %d arguments", len(rest))
	}
	if len(rest) == 1 {
		set.add("url", rest[0])
	}
	config, policy, log, err := load(s)
	if err != nil {
		return err
	}
	if err := set.apply(&config); err != nil {
		return err
	}
	credential, err := component.Token(ctx, config, policy, log)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, credential.Token.Reveal())
	return err
}
