package auth

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestUntypedRefusal(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       *Error
	}{
		{"no status", "connection refused", nil},
		{"token exchange", `oauth2/google: status code 400: {"error":"invalid_grant","error_description":"The subject token\nwas refused."}`,
			&Error{Op: "op", Status: 400, Reason: "invalid_grant", Message: "The subject token was refused."}},
		{"impersonation", `impersonate: status code 403: {"error":{"message":"Denied.","details":[{"@type":"help"},{"reason":"IAM_PERMISSION_DENIED","metadata":{"permission":"p"}}]}}`,
			&Error{Op: "op", Status: 403, Reason: "IAM_PERMISSION_DENIED", Metadata: map[string]string{"permission": "p"}, Message: "Denied."}},
		{"no JSON", "status code 502: <html>eyJ.secret", &Error{Op: "op", Status: 502}},
		{"other JSON", `status code 500: {"error": 7}`, &Error{Op: "op", Status: 500}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := untypedRefusal("op", errors.New(tt.text))
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(Error{}, "Err")); diff != "" {
				t.Errorf("refusal (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzUntypedRefusal(f *testing.F) {
	for _, seed := range []string{"", `status code 403: {"error":{"details":[{}]}}`, `status code 400: {"error":null}`, "status code 999: \xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if e := untypedRefusal("op", errors.New(text)); e != nil && (e.Status < 0 || e.Status > 999) {
			t.Fatalf("status %d", e.Status)
		}
	})
}
