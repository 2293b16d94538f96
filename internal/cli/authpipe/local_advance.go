package authpipe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

const localAdvanceHelp = `Moves the clock of a running "authpipe local up" forward, without waiting: what is
due by then happens at once, each thing once, and tokens that end by then have
ended. The clock is that one's alone; this machine's stays as it is.

The server is the one whose environment this command is in, in AUTHPIPE_LOCAL_ENDPOINT.`

const localAdvanceExample = `  authpipe local up --env-file local.env &
  . ./local.env
  gcloud scheduler jobs create http nightly --location us-central1 --schedule '0 3 * * *' --uri $AUTHPIPE_LOCAL_URL_HELLO
  authpipe local advance 24h`

func newLocalAdvance(f *factory) *cobra.Command {
	var output format
	cmd := &cobra.Command{
		Use:     "advance DURATION",
		Short:   "Move the clock of a running local Google forward",
		Long:    localAdvanceHelp,
		Example: localAdvanceExample,
		Args:    exactArgs("DURATION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return localAdvance(cmd.Context(), f, args[0], output)
		},
	}
	output.register(cmd.Flags())
	return cmd
}

func localAdvance(ctx context.Context, f *factory, text string, output format) error {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return usageErrorf("DURATION: got %q, want a positive one such as 90s, 15m or 24h", text)
	}
	if f.defaults.LocalEndpoint == "" {
		return withCure(usageErrorf("no local Google is known, as AUTHPIPE_LOCAL_ENDPOINT is not set"),
			"authpipe local up --env-file local.env & then . ./local.env")
	}
	answer, err := advanceClock(ctx, f.http, f.defaults.LocalEndpoint, d)
	if err != nil {
		return fmt.Errorf("advancing the clock of the local Google at %s: %w", f.defaults.LocalEndpoint, err)
	}
	if output == jsonFormat {
		return printJSON(f.stdout, answer)
	}
	f.say("the local Google's time is now %s", answer.Time.Format(time.RFC3339))
	return nil
}

// advanced is what the server answers.
type advanced struct {
	Time time.Time `json:"time"`
}

func advanceClock(ctx context.Context, client *http.Client, endpoint string, d time.Duration) (advanced, error) {
	body, err := json.Marshal(map[string]float64{"seconds": d.Seconds()})
	if err != nil {
		return advanced{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(endpoint, "/")+"/local/clock:advance", bytes.NewReader(body))
	if err != nil {
		return advanced{}, err
	}
	response, err := client.Do(request)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return advanced{}, withCure(err, "authpipe local up, and its environment anew")
	}
	defer func() { _ = response.Body.Close() }()
	return readAdvanced(response)
}

func readAdvanced(response *http.Response) (advanced, error) {
	var answer struct {
		advanced
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	err := json.NewDecoder(response.Body).Decode(&answer)
	switch {
	case answer.Error.Message != "":
		return advanced{}, fmt.Errorf("it answered %s: %s", response.Status, answer.Error.Message)
	case err != nil || response.StatusCode != http.StatusOK || answer.Time.IsZero():
		return advanced{}, fmt.Errorf("it answered %s, which is no local Google's answer", response.Status)
	}
	return answer.advanced, nil
}
