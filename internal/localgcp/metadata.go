package localgcp

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/metadata"
)

// metadataHost is the host:port of an account's metadata server, which is
// started on first use: each job has its own, as each has its own machine.
func (s *Server) metadataHost(ctx context.Context, email string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if host, ok := s.metadata[email]; ok {
		return host, nil
	}
	account, err := s.principal(email)
	if err != nil {
		return "", err
	}
	if account.Kind != iam.ServiceAccount {
		return "", fmt.Errorf("%s is no service account, under which alone a machine can run", email)
	}
	name := "metadata/" + email
	listener, err := s.listeners.listen(ctx, name)
	if err != nil {
		return "", fmt.Errorf("metadata server of %s: %w", email, err)
	}
	if err := s.listeners.serve(name, listener, metadata.New(s.instance(account), s.directory, s.issuer)); err != nil {
		return "", err
	}
	s.metadata[email] = listener.Addr().String()
	return s.metadata[email], nil
}

func (s *Server) instance(account iam.Principal) metadata.Instance {
	start := s.config.MetadataStart
	return metadata.Instance{
		Project:   s.config.Project,
		Number:    s.config.ProjectNumber,
		Region:    s.config.Region,
		Name:      "local-instance",
		ID:        account.ID[:19],
		Account:   account,
		Scopes:    s.config.scopesOf(account.Email),
		Mode:      s.config.Metadata,
		Universe:  s.config.UniverseDomain,
		Permitted: s.podPermissions(account),
		Start: metadata.Start{
			Late:     start.LateRequests,
			Delay:    time.Duration(start.LateSeconds * float64(time.Second)),
			Nameless: start.DefaultEmails,
		},
	}
}

// podPermissions are those that the Kubernetes service account has on the Google
// one that its pods run as; nil where nothing is said about it.
func (s *Server) podPermissions(account iam.Principal) func(permission string) bool {
	pod, ok := s.directory.Lookup(s.config.podMember())
	if !ok {
		return nil
	}
	return func(permission string) bool { return s.directory.Allowed(pod, permission, account.Resource()) }
}

// StepEnv is the environment, as NAME=VALUE, by which a step under the service
// account finds the local Google and nothing else. A process finds the buckets by
// the mount root of Env beside it.
func (s *Server) StepEnv(serviceAccount string) ([]string, error) {
	host, err := s.metadataHost(context.Background(), serviceAccount)
	if err != nil {
		return nil, err
	}
	var env []string
	for _, v := range append(s.machineEnv(host), s.endpointEnv()...) {
		env = append(env, v.String())
	}
	return env, nil
}

// firstAccount is the first service account of a list of members.
func firstAccount(members []string) string {
	for _, m := range members {
		if email, ok := strings.CutPrefix(m, string(iam.ServiceAccount)+":"); ok {
			return email
		}
	}
	return ""
}
