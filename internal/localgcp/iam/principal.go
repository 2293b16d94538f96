package iam

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// Kind is the kind of a principal, as it stands before the colon of a policy
// member.
type Kind string

// The kinds of principal that the local Google knows.
const (
	ServiceAccount Kind = "serviceAccount"
	User           Kind = "user"
	// Workload is an identity of another system that Google knows by its tokens:
	// a Kubernetes service account, or one of a workload identity pool.
	Workload Kind = "principal"
)

// Members that stand for many principals.
const (
	AllUsers              = "allUsers"
	AllAuthenticatedUsers = "allAuthenticatedUsers"
)

// CloudPlatform is the scope that opens all of Google Cloud's APIs.
const CloudPlatform = "https://www.googleapis.com/auth/cloud-platform"

// Principal is one identity. The zero value is nobody.
type Principal struct {
	// Kind tells a service account from a user.
	Kind Kind
	// Email is the principal's address; a workload, which has none, has the whole
	// name by which policies know it.
	Email string
	// ID is the stable numeric id, the sub claim of its tokens.
	ID string
	// Project owns a service account; it is empty for a user.
	Project string
	// Scopes are those of the access token by which the principal was
	// authenticated; they are empty for one that was looked up.
	Scopes []string
}

// Member is the principal as policies name it: kind:email, or a workload's name.
func (p Principal) Member() string {
	if p.Kind == Workload {
		return p.Email
	}
	return string(p.Kind) + ":" + p.Email
}

// Resource is the name of a service account as the thing that permissions are
// granted on.
func (p Principal) Resource() string { return AccountResource(p.Project, p.Email) }

// HasScope says whether the principal's access token opens an API that wants one
// of the scopes.
func (p Principal) HasScope(anyOf ...string) bool {
	return slices.ContainsFunc(p.Scopes, func(s string) bool { return slices.Contains(anyOf, s) })
}

// AccountResource names a service account, which need not exist, as a resource.
func AccountResource(project, email string) string {
	return fmt.Sprintf("projects/%s/serviceAccounts/%s", project, email)
}

// ProjectOf reads the project from an email of the form
// NAME@PROJECT.iam.gserviceaccount.com.
func ProjectOf(email string) (project string, ok bool) {
	_, domain, _ := strings.Cut(email, "@")
	project, ok = strings.CutSuffix(domain, ".iam.gserviceaccount.com")
	if !ok || project == "" {
		return "", false
	}
	return project, true
}

// uniqueID derives the numeric id from the email, so that it is the same at
// every start without being kept: 21 digits, as Google's are.
func uniqueID(member string) string {
	sum := sha256.Sum256([]byte(member))
	high, low := binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])
	return fmt.Sprintf("1%010d%010d", high%1e10, low%1e10)
}
