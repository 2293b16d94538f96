package authpipe

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/gateconfig"
)

func newGate(f *factory) *cobra.Command {
	return newGroup("gate", "Let a proxy verify Google ID tokens", newGateConfig(f), newGateKeys(f))
}

// defaultKeysDir is where HAProxy finds the keys.
const defaultKeysDir = "/etc/haproxy/google"

func registerKeysURL(flags *pflag.FlagSet, url *string) {
	flags.StringVar(url, "keys-url", gate.GoogleKeysURL, "`URL` of the issuer's keys; that of a local Google is its API's address and /oauth2/v3/certs")
}

func newGateConfig(f *factory) *cobra.Command {
	var s gateconfig.Settings
	var keysDir string
	cmd := &cobra.Command{
		Use:   "config PROXY",
		Short: "Print a configuration that verifies Google ID tokens",
		Long: "Prints a configuration with which a proxy lets in only requests that carry a good Google ID\n" +
			"token: " + strings.Join(gateconfig.Proxies(), ", ") + ". It checks the signature, the issuer, the audience,\n" +
			"the token's time and, where --email is given, the caller.",
		Example: "  authpipe gate config envoy --audience https://hello.example.com --email caller@my-project.iam.gserviceaccount.com > envoy.yaml\n" +
			"  authpipe gate config istio --audience https://hello.example.com --workload hello | kubectl apply -f -",
		Args: exactArgs("PROXY"),
		RunE: func(_ *cobra.Command, args []string) error {
			s.KeyFiles = gateconfig.KeyFiles(keysDir)
			config, err := gateconfig.Render(args[0], s)
			if err != nil {
				return usageErrorf("%w", err)
			}
			return writeOutput(f.stdout, "", config)
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&s.Audiences, "audience", nil, "`AUDIENCE` that a token must be for; may be repeated")
	flags.StringSliceVar(&s.Emails, "email", nil, "`EMAIL` of a caller that is let in; may be repeated (default: every caller)")
	flags.StringVar(&s.Listen, "listen", "127.0.0.1:8000", "`ADDRESS` that the proxy listens on")
	flags.StringVar(&s.Upstream, "upstream", "127.0.0.1:8080", "`HOST:PORT` of the service behind the proxy")
	flags.StringVar(&s.Workload, "workload", "hello", "`NAME`: Istio's label app, or the host name of an Endpoints service")
	flags.StringVar(&keysDir, "keys-dir", defaultKeysDir, "`DIR` of the key files that HAProxy reads")
	registerKeysURL(flags, &s.KeysURL)
	return cmd
}

func newGateKeys(f *factory) *cobra.Command {
	var url string
	cmd := &cobra.Command{
		Use:     "keys DIR",
		Short:   "Write Google's keys into files for HAProxy",
		Long:    "Writes the keys that sign Google ID tokens as PEM files, for HAProxy, which fetches none. Google\nchanges a key every week or so: do this every day, and reload HAProxy.",
		Example: "  authpipe gate keys " + defaultKeysDir,
		Args:    exactArgs("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return gateconfig.WriteKeys(cmd.Context(), f.http, url, args[0])
		},
	}
	registerKeysURL(cmd.Flags(), &url)
	return cmd
}
