package authpipe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"github.com/spf13/cobra"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"

	"github.com/authcall/authcall/internal/sender"
	"github.com/authcall/authcall/internal/sender/cronjobs"
)

// defaultAttempt is how long an attempt is waited for.
const defaultAttempt = 5 * time.Minute

// stateWord is a state as people say it.
func stateWord(state string) string { return strings.ToLower(state) }

// attemptError is a call that a sender made, and that failed.
type attemptError struct{ message string }

func (e *attemptError) Error() string { return e.message }

func newOIDCSchedulerRun(f *factory, k *oidcKind[*schedulerpb.Job]) *cobra.Command {
	var o oidcOptions
	var detach bool
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "run JOB",
		Short: "Make a job's call now, and tell how it went",
		Long: "Makes the job's call now, whatever its schedule says, and waits until the attempt is over:\n" +
			"exit code 0 means that the target answered with success, 1 that it did not, 5 that --timeout\n" +
			"ran out before.",
		Example: "  authpipe oidc scheduler run nightly\n  authpipe oidc scheduler run nightly --detach -o json",
		Args:    exactArgs("JOB"),
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := o.at(f.defaults, k.regional)
			if err != nil {
				return err
			}
			if timeout <= 0 {
				return usageErrorf("--timeout %s: want more than 0", timeout)
			}
			return k.with(cmd.Context(), f, t, func(s *oidcSession[*schedulerpb.Job]) error {
				if detach {
					timeout = 0
				}
				return runJob(cmd.Context(), s, k.name(t, args[0]), timeout, o.output)
			})
		},
	}
	o.register(cmd.Flags(), k.regional)
	cmd.Flags().BoolVar(&detach, "detach", false, "do not wait for the attempt's end")
	cmd.Flags().DurationVar(&timeout, "timeout", defaultAttempt, "longest `WAIT` for the attempt's end")
	return cmd
}

func runJob(ctx context.Context, s *oidcSession[*schedulerpb.Job], name string, timeout time.Duration, output format) error {
	client, ok := s.oidcClient.(cronjobs.Runner)
	if !ok {
		return fmt.Errorf("%T runs no jobs", s.oidcClient)
	}
	s.say("running %s%s", sender.ID(name), as(s.who))
	job, err := cronjobs.RunNow(ctx, client, name, timeout)
	underWay := errors.Is(err, cronjobs.ErrUnderWay)
	if err != nil && !underWay {
		return err
	}
	if output == jsonFormat {
		if err := printMessage(s.stdout, job); err != nil {
			return err
		}
	}
	switch {
	case underWay:
		return &waitError{timeout.String()}
	case timeout == 0:
		return nil
	}
	return s.tellAttempt(sender.ID(name), cronjobs.CallOf(job), job.GetStatus())
}

// tellAttempt says how a job's call went. One that got no token ends as one that the
// target refused.
func (f *factory) tellAttempt(id string, call sender.Call, result *status.Status) error {
	caller := cmp.Or(call.Token.ServiceAccount, "nobody, without a token")
	code := codes.Code(uint32(result.GetCode())) //nolint:gosec // codes are small
	if code == codes.OK {
		f.say("%s took the call of %s", call.URL, caller)
		return nil
	}
	err := &attemptError{fmt.Sprintf("the call of %s as %s ended with %s: %s", call.URL, caller, code, cmp.Or(result.GetMessage(), "no message"))}
	if code == codes.PermissionDenied || code == codes.Unauthenticated {
		return withCure(err, fmt.Sprintf("authpipe oidc scheduler update %s --target KIND:NAME looks at the rights, and with --apply grants them; the job's log in Cloud Logging has the answer", id))
	}
	return withCure(err, "look for the answer in the job's log in Cloud Logging")
}
