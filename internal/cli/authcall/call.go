package authcall

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/authcall/authcall/component"
	"github.com/authcall/authcall/internal/call"
	"github.com/authcall/authcall/internal/executor"
)

const callHelp = `Usage: authcall call [flags] URL

Makes the call that the pipeline step would make; the body goes to stdout. -X, -H, -d,
-o and -i mean what they mean to curl: without -X the method is GET, with -d POST.

Examples:
  authcall call https://hello-123456.us-central1.run.app/ --service-account caller@my-project.iam.gserviceaccount.com
  authcall call -d '{"n": 1}' -H 'X-Team: ml' -o answer.json https://hello-123456.us-central1.run.app/run
  authcall call -i --audience 123-abc.apps.googleusercontent.com https://app.example.com/`

// callOptions are what `call` knows beside the component's own options.
type callOptions struct {
	set     settings
	url     string
	headers component.StringMap
	body    string
	posts   bool // -d was given, even if empty
	output  string
	include bool
}

// runCall makes a call from a terminal.
func runCall(ctx context.Context, args []string, s streams) error {
	o, err := parseCall(args, s)
	if err != nil {
		return err
	}
	config, policy, log, err := load(s)
	if err != nil {
		return err
	}
	if err := o.configure(&config, s.in); err != nil {
		return err
	}
	caller, err := component.NewCaller(config, policy, log)
	if err != nil {
		return err
	}
	outcome, err := o.send(ctx, caller, s.out)
	if err != nil {
		return err
	}
	if !outcome.Success && config.FailOnHTTPError {
		return &component.AnswerError{Outcome: outcome}
	}
	return nil
}

func parseCall(args []string, s streams) (*callOptions, error) {
	o := &callOptions{headers: component.StringMap{}}
	flags := newFlags("call", callHelp, s)
	o.set.register(flags)
	flags.Func("X", "HTTP `method`, as --method.", func(text string) error { o.set.add("method", text); return nil })
	flags.Func("H", "`'Name: value'` of a request header; may be repeated.", o.addHeader)
	flags.Func("d", "Request `body`; @FILE reads a file, @- stdin.", o.addBody)
	flags.StringVar(&o.output, "o", "", "Write the body to `FILE`, which appears only when it is whole.")
	flags.BoolVar(&o.include, "i", false, "Print status and headers before the body.")
	rest, err := parse(flags, args)
	if err != nil {
		return nil, err
	}
	if len(rest) != 1 {
		return nil, usageError("call takes one URL, got %d arguments", len(rest))
	}
	o.url = rest[0]
	return o, nil
}

func (o *callOptions) addHeader(text string) error {
	name, value, found := strings.Cut(text, ":")
	if !found {
		return errors.New("want 'Name: value'")
	}
	o.headers[strings.TrimSpace(name)] = strings.TrimSpace(value)
	return nil
}

func (o *callOptions) addBody(text string) error {
	if text == "@" {
		return errors.New("want a body, @FILE or @-")
	}
	o.body, o.posts = text, true
	return nil
}

// configure puts the flags over the config. A terminal's method is GET or POST
// by whether there is a body, as with curl, where nobody named one.
func (o *callOptions) configure(c *component.Config, stdin io.Reader) error {
	if err := o.set.apply(c); err != nil {
		return err
	}
	c.URL = o.url
	if err := o.setBody(c, stdin); err != nil {
		return err
	}
	if _, named := os.LookupEnv("AUTHCALL_METHOD"); !named && !o.set.has("method") && !o.posts && c.Body == "" && c.BodyURI == "" {
		c.Method = http.MethodGet
	}
	merged := component.StringMap{}
	for _, headers := range []component.StringMap{c.Headers, o.headers} {
		for name, value := range headers {
			merged[name] = value
		}
	}
	c.Headers = merged
	return nil
}

// setBody reads -d as curl does; a file is streamed, not read.
func (o *callOptions) setBody(c *component.Config, stdin io.Reader) error {
	path, isFile := strings.CutPrefix(o.body, "@")
	switch {
	case o.body == "":
	case isFile && path == "-":
		const enough = 1 << 20 // more than a body may have, which the config then tells
		data, err := io.ReadAll(io.LimitReader(stdin, enough))
		if err != nil {
			return &component.InputError{Err: err}
		}
		c.Body = string(data)
	case isFile:
		c.BodyURI = path
	default:
		c.Body = o.body
	}
	return nil
}

// send makes the call with the body going to stdout or beside the output file.
func (o *callOptions) send(ctx context.Context, caller *component.Caller, stdout io.Writer) (*component.Outcome, error) {
	if o.output == "" {
		return caller.Call(ctx, o.receiver(stdout, stdout))
	}
	file, err := executor.CreateBeside(o.output)
	if err != nil {
		return nil, &component.InputError{Err: err}
	}
	outcome, err := caller.Call(ctx, o.receiver(file, stdout))
	if err != nil {
		return nil, errors.Join(err, file.Discard())
	}
	return outcome, file.Publish()
}

func (o *callOptions) receiver(body, header io.Writer) call.Receiver {
	to := call.Receiver{Body: body}
	if o.include {
		to.Begin = func(status string, h http.Header) error {
			_, err := fmt.Fprintf(header, "%s\r\n", status)
			return errors.Join(err, h.Write(header), newline(header))
		}
	}
	return to
}

func newline(w io.Writer) error {
	_, err := io.WriteString(w, "\r\n")
	return err
}
