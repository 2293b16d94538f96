package localgcp

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/authcall/authcall/internal/localgcp/credentialsfile"
	"github.com/authcall/authcall/internal/localgcp/statefile"
	"github.com/authcall/authcall/internal/localgcp/workload"
)

// CredentialsFile is the path of declared credentials.
func (s *Server) CredentialsFile(name string) string {
	return s.claimed(filepath.Join("credentials", name+".json"))
}

// writeCredentials writes the declared credentials files.
func (s *Server) writeCredentials() error {
	files := map[string]credentialsfile.File{}
	for _, c := range s.config.Credentials {
		file, err := s.credentials(c, files)
		if err != nil {
			return fmt.Errorf("credentials %s: %w", c.Name, err)
		}
		files[c.Name] = file
		if c.QuotaProject != "" {
			file["quota_project_id"] = c.QuotaProject
		}
		data, err := json.MarshalIndent(file, "", "  ")
		if err != nil {
			return err
		}
		if err := statefile.Replace(s.CredentialsFile(c.Name), data); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) endpoints() credentialsfile.Endpoints {
	return credentialsfile.Endpoints{API: s.apiURL, Universe: s.config.UniverseDomain}
}

func (s *Server) credentials(c Credentials, earlier map[string]credentialsfile.File) (credentialsfile.File, error) {
	switch c.Kind {
	case ServiceAccountKey:
		return s.keyFile(c.Account)
	case ExternalAccount:
		return s.externalAccount(c)
	case Impersonated:
		return s.endpoints().Impersonated(c.Account, c.Delegates, earlier[c.Source]), nil
	}
	user, err := s.principal(c.Account)
	if err != nil {
		return nil, err
	}
	token, err := s.directory.RefreshToken(user)
	return s.endpoints().AuthorizedUser(c.Account, token), err
}

func (s *Server) keyFile(email string) (credentialsfile.File, error) {
	account, err := s.principal(email)
	if err != nil {
		return nil, err
	}
	id, pkcs8, err := s.issuer.PrivateKey(email)
	return s.endpoints().ServiceAccount(credentialsfile.Key{
		Email: email, ID: account.ID, Project: account.Project, KeyID: id, PKCS8: pkcs8,
	}), err
}

func (s *Server) externalAccount(c Credentials) (credentialsfile.File, error) {
	w := credentialsfile.Workload{
		Audience:    s.config.exchange().Audience(),
		TokenType:   "jwt",
		Impersonate: c.Account,
	}
	switch c.SubjectToken {
	case TokenFromURL:
		w.Source = credentialsfile.File{"url": s.apiURL + "/idp/text/" + c.Subject}
	case TokenFromOIDC:
		w.TokenType = "id_token"
		w.Source = credentialsfile.File{
			"url":     s.apiURL + "/idp/json/" + c.Subject,
			"headers": map[string]string{"Authorization": "Bearer " + requestToken},
			"format":  map[string]string{"type": "json", "subject_token_field_name": "value"},
		}
	default:
		token, err := s.provider().Token(c.Subject)
		if err != nil {
			return nil, err
		}
		path := s.claimed(filepath.Join("credentials", c.Name+".token"))
		if err := statefile.Replace(path, []byte(token)); err != nil {
			return nil, err
		}
		w.Source = credentialsfile.File{"file": path}
	}
	return s.endpoints().ExternalAccount(w), nil
}

// requestToken is what a job shows to get its own token; it opens nothing else.
const requestToken = "local-request-token"

// provider is the system that workloads come from.
func (s *Server) provider() workload.Provider {
	return workload.Provider{
		Issuer:       s.apiURL + "/idp",
		Audience:     s.config.exchange().TokenAudience(),
		RequestToken: requestToken,
		Signer:       s.issuer,
		Now:          s.clock.Now,
	}
}
