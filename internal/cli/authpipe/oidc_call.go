package authpipe

import (
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/authcall/authcall/internal/sender"
)

// callFlags say what a sender sends.
type callFlags struct {
	settings sender.Settings
	// headers are NAME: VALUE.
	headers []string
	// body is the body's text, bodyFile a file that holds it.
	body     *string
	bodyFile string
}

// registerToken adds the flags about the token, which all senders have.
func (c *callFlags) registerToken(flags *pflag.FlagSet) {
	optionalText(flags, &c.settings.ServiceAccount, "service-account", "`EMAIL` of the account whose token is sent")
	optionalText(flags, &c.settings.Audience, "audience", "`AUDIENCE` of the ID token (default: what fits the URL; a Cloud Run service's origin, a function's URL)")
}

func (c *callFlags) register(flags *pflag.FlagSet) {
	optionalText(flags, &c.settings.URL, "url", "`URL` to call")
	optionalText(flags, &c.settings.Method, "method", "`METHOD` of the call (default: POST)")
	flags.StringArrayVarP(&c.headers, "header", "H", nil, "'`NAME: VALUE`' of a header, may be repeated; 'NAME:' takes one away")
	optionalText(flags, &c.body, "body", "`TEXT` of the body")
	flags.StringVar(&c.bodyFile, "body-file", "", "`FILE` that holds the body, - for standard input")
	c.registerToken(flags)
	optionalText(flags, &c.settings.Scope, "oauth-scope", "`SCOPE`: send an access token of it, as Google's APIs want (default for their URLs: cloud-platform)")
}

// prepare reads headers and body.
func (c *callFlags) prepare(stdin io.Reader) error {
	for _, header := range c.headers {
		name, value, ok := strings.Cut(header, ":")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return usageErrorf("--header %q: want NAME: VALUE", header)
		}
		if c.settings.Headers == nil {
			c.settings.Headers = map[string]string{}
		}
		c.settings.Headers[name] = strings.TrimSpace(value)
	}
	if c.settings.Audience != nil && c.settings.Scope != nil {
		return usageErrorf("--audience is of an ID token and --oauth-scope of an access token: one does not go with the other")
	}
	return c.readBody(stdin)
}

func (c *callFlags) readBody(stdin io.Reader) (err error) {
	switch {
	case c.body != nil && c.bodyFile != "":
		return usageErrorf("--body and --body-file both say what the body is")
	case c.body != nil:
		c.settings.Body = []byte(*c.body)
	case c.bodyFile == "-":
		c.settings.Body, err = io.ReadAll(stdin)
	case c.bodyFile != "":
		c.settings.Body, err = os.ReadFile(c.bodyFile)
	}
	if err != nil {
		return usageErrorf("reading the body: %w", err)
	}
	return nil
}
