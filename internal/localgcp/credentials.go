package localgcp

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/statefile"
)

const (
	// developerTokenLife is the life of the token in the access token file,
	// which its readers cannot renew.
	developerTokenLife = 12 * time.Hour
	// renewTokenAfter keeps a fresh one there.
	renewTokenAfter = 6 * time.Hour
)

// SubmitterCredentialsFile is a credentials file of type authorized_user, as
// Application Default Credentials read it, of the configured submitter. As it
// names this server's address, a server beside another on one state directory
// has a file of its own.
func (s *Server) SubmitterCredentialsFile() string {
	if s.listeners.atHome(apiListener) {
		return s.state.path("credentials.json")
	}
	return s.state.path("credentials-" + s.apiURL[strings.LastIndexByte(s.apiURL, ':')+1:] + ".json")
}

func (s *Server) accessTokenFile() string { return s.state.path("access-token") }

// keepCredentials writes the submitter's credentials, and renews those that end
// until the context does.
func (s *Server) keepCredentials(ctx context.Context) error {
	submitter, err := s.principal(s.config.Submitter)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.state.path("gcloud"), 0o700); err != nil {
		return err
	}
	if err := s.writeRefreshToken(submitter); err != nil {
		return err
	}
	if err := s.writeAccessToken(submitter); err != nil {
		return err
	}
	s.done.Go(func() { s.renewAccessToken(ctx, submitter) })
	return nil
}

func (s *Server) writeRefreshToken(submitter iam.Principal) error {
	token, err := s.directory.RefreshToken(submitter)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(s.endpoints().AuthorizedUser(s.config.Submitter, token), "", "  ")
	if err != nil {
		return err
	}
	return statefile.Replace(s.SubmitterCredentialsFile(), data)
}

// removeRefreshToken takes away a file at an address that no server will have
// again.
func (s *Server) removeRefreshToken() error {
	if s.listeners.atHome(apiListener) {
		return nil
	}
	err := os.Remove(s.SubmitterCredentialsFile())
	if errors.Is(err, fs.ErrNotExist) { // the start went wrong before it was written
		return nil
	}
	return err
}

func (s *Server) writeAccessToken(submitter iam.Principal) error {
	token, _, err := s.directory.AccessToken(submitter, []string{iam.CloudPlatform}, developerTokenLife)
	if err != nil {
		return err
	}
	return statefile.Replace(s.accessTokenFile(), []byte(token))
}

func (s *Server) renewAccessToken(ctx context.Context, submitter iam.Principal) {
	for s.clock.Wait(ctx, s.clock.Now().Add(renewTokenAfter)) == nil {
		if err := s.writeAccessToken(submitter); err != nil {
			s.log.Error().Err(err).Msg("access token file not renewed")
		}
	}
}
