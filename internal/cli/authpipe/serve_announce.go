package authpipe

import (
	"cmp"
	"context"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/localgcp"
	"github.com/authcall/authcall/internal/trigger/config"
	"github.com/authcall/authcall/internal/trigger/event"
)

// served is what -o json prints: where the receiver is and what it takes.
type served struct {
	Address string        `json:"address,omitempty"`
	Routes  []servedRoute `json:"routes"`
}

type servedRoute struct {
	Name           string   `json:"name"`
	URL            string   `json:"url"`
	From           string   `json:"from"`
	Audiences      []string `json:"audiences"`
	Callers        []string `json:"callers"`
	Pipeline       string   `json:"pipeline"`
	PipelineRoot   string   `json:"pipelineRoot"`
	ServiceAccount string   `json:"serviceAccount"`
}

func describeConfig(c *config.Config, address string) served {
	all := served{Address: address}
	for _, r := range c.Routes {
		all.Routes = append(all.Routes, servedRoute{
			Name: r.Name, URL: c.URL + r.Path, From: string(r.From), Audiences: r.Audiences, Callers: r.Callers,
			Pipeline: r.Pipeline, PipelineRoot: r.PipelineRoot, ServiceAccount: r.ServiceAccount,
		})
	}
	return all
}

// checkOnly says what the configuration comes to.
func (o serveOptions) checkOnly(ctx context.Context, f *factory, v *venue) error {
	c, err := o.readConfig(ctx, f, v, "http://localhost:8080")
	if err != nil {
		return err
	}
	if o.output == jsonFormat {
		return printJSON(f.stdout, describeConfig(c, ""))
	}
	for _, r := range c.Routes {
		f.say("%s: from %s, by %s: pipeline %s as %s", c.URL+r.Path, r.From, strings.Join(r.Callers, ", "), r.Pipeline, r.ServiceAccount)
	}
	f.say("%s is valid: %d routes, runs in %s, %s", o.configName(), len(c.Routes), c.Project, c.Location)
	return nil
}

// announce tells that the receiver is there, and to whom. The environment comes
// last: whoever waits for its file finds all the rest told.
func (o serveOptions) announce(f *factory, v *venue, c *config.Config, at string, log zerolog.Logger) error {
	env, envFile := []localgcp.EnvVar{{Name: "AUTHPIPE_SERVE_URL", Value: at}}, o.envFile
	if v.local != nil {
		env = append(v.local.Env(), env...)
		envFile = cmp.Or(envFile, filepath.Join(v.stateDir, "serve.env"))
	}
	for _, r := range c.Routes {
		log.Info().Str("route", r.Name).Str("url", c.URL+r.Path).Str("sender", string(r.From)).Str("pipeline", r.Pipeline).Msg("route")
	}
	log.Info().Str("address", at).Msg("receiving events; Ctrl-C ends it")
	if v.local != nil {
		absolute, err := filepath.Abs(envFile) // for a shell finds no bare name
		if err != nil {
			return err
		}
		f.say("to send an event:\n  %s", tryIt(c, at, absolute))
	}
	if o.output == jsonFormat {
		if err := printJSON(f.stdout, describeConfig(c, at)); err != nil {
			return err
		}
	}
	if envFile == "" {
		return nil
	}
	if err := writeFile(envFile, exportLines(env), 0o600); err != nil {
		return usageErrorf("writing the environment: %w", err)
	}
	return nil
}

// tryIt is a command that sends an event to the first route, as the first of its
// callers, in the environment of the local Google.
func tryIt(c *config.Config, at, envFile string) string {
	r := c.Routes[0]
	args := []string{
		"authcall", "call", shellWord(at + r.Path), "-d", shellWord(`{"hello": "world"}`),
		"--service-account", shellWord(r.Callers[0]), "--audience", shellWord(r.Audiences[0]),
	}
	for _, header := range map[event.Sender][]string{
		event.HTTP:        {"Idempotency-Key: first"},
		event.Scheduler:   {"X-CloudScheduler-JobName: try", "X-CloudScheduler-ScheduleTime: 2026-01-01T00:00:00Z"},
		event.Tasks:       {"X-CloudTasks-QueueName: try", "X-CloudTasks-TaskName: first"},
		event.PubSub:      {"X-Goog-Pubsub-Subscription-Name: try", "X-Goog-Pubsub-Message-Id: 1"},
		event.CloudEvents: {"Ce-Specversion: 1.0", "Ce-Id: first", "Ce-Source: try", "Ce-Type: try"},
	}[r.From] {
		args = append(args, "-H", shellWord(header))
	}
	return "(. " + shellWord(envFile) + " && " + strings.Join(args, " ") + ")"
}

// shellWord quotes a text for a shell where that is needed.
func shellWord(text string) string {
	if text != "" && strings.IndexFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-._/:@=+", r)
	}) < 0 {
		return text
	}
	return shellQuote(text)
}
