package auth

import (
	"encoding/json"
	"os"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// credentialSource is where a workload's own token comes from, as far as it is
// a file.
type credentialSource struct {
	File   string `json:"file"`
	Format struct {
		Type  string `json:"type"`
		Field string `json:"subject_token_field_name"`
	} `json:"format"`
}

// workload is the name by which policies know the workload of a credentials
// file, "" where its audience names no pool. The subject is the sub claim of the
// workload's own token, which is what pools take unless they are told otherwise;
// where no file holds that token, the name is that of all in the pool.
// https://cloud.google.com/iam/docs/principal-identifiers
func (f credentialsFile) workload() string {
	pool, _, ok := strings.Cut(strings.TrimPrefix(f.Audience, "//"), "/providers/")
	if !ok || !strings.Contains(pool, "/workloadIdentityPools/") {
		return ""
	}
	subject := f.Workload.subject()
	if subject == "" {
		return "principalSet://" + pool + "/*"
	}
	return "principal://" + pool + "/subject/" + subject
}

// subject is empty where it cannot be told.
func (s credentialSource) subject() string {
	data, err := os.ReadFile(s.File)
	if err != nil {
		return ""
	}
	token := strings.TrimSpace(string(data))
	if s.Format.Type == "json" {
		var fields map[string]any
		if err := json.Unmarshal(data, &fields); err != nil {
			return ""
		}
		token, _ = fields[s.Format.Field].(string)
	}
	return subjectOf(token)
}

// subjectOf reads a token that is only to be named, not trusted.
func subjectOf(token string) string {
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{
		jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
	})
	if err != nil {
		return ""
	}
	var claims jwt.Claims
	if err := parsed.UnsafeClaimsWithoutVerification(&claims); err != nil {
		return ""
	}
	return claims.Subject
}
