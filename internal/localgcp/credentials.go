package localgcp

import (
	"context"
	"encoding/json"
	"os"
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
// Application Default Credentials read it, of the configured submitter. All such
// files name this server's address or are of its clock, so that a server beside
// another on one state directory has its own.
func (s *Server) SubmitterCredentialsFile() string { return s.claimed("credentials.json") }

func (s *Server) accessTokenFile() string { return s.claimed("access-token") }

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
