package apierror

import (
	"fmt"
	"net/http"
)

// ErrorInfo is a google.rpc.ErrorInfo detail.
type ErrorInfo struct {
	Type     string            `json:"@type"`
	Reason   string            `json:"reason"`
	Domain   string            `json:"domain"`
	Metadata map[string]string `json:"metadata,omitempty"`
}

// Info makes an ErrorInfo.
func Info(reason, domain string, metadata map[string]string) ErrorInfo {
	return ErrorInfo{Type: "type.googleapis.com/google.rpc.ErrorInfo", Reason: reason, Domain: domain, Metadata: metadata}
}

// InvalidArgument tells what is wrong with a request.
func InvalidArgument(format string, args ...any) *Error {
	return &Error{Code: http.StatusBadRequest, Message: fmt.Sprintf(format, args...)}
}

// NotFound tells what does not exist.
func NotFound(format string, args ...any) *Error {
	return &Error{Code: http.StatusNotFound, Message: fmt.Sprintf(format, args...)}
}

// PermissionDenied names the permission that the caller lacks. It says nothing
// about whether the resource exists.
func PermissionDenied(permission string) *Error {
	return &Error{
		Code:    http.StatusForbidden,
		Message: fmt.Sprintf("Permission '%s' denied on resource (or it may not exist).", permission),
		Details: []any{Info("IAM_PERMISSION_DENIED", "iam.googleapis.com", map[string]string{"permission": permission})},
	}
}

// CredentialsMissing answers a request without a bearer token.
func CredentialsMissing(service, method string) *Error {
	return &Error{
		Code:    http.StatusUnauthorized,
		Message: "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential.",
		Details: []any{Info("CREDENTIALS_MISSING", "googleapis.com", map[string]string{"service": service, "method": method})},
	}
}

// CredentialsInvalid answers a request whose token is not an access token, or
// one that has expired.
func CredentialsInvalid(reason, service, method string) *Error {
	return &Error{
		Code:    http.StatusUnauthorized,
		Message: "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.",
		Details: []any{Info(reason, "googleapis.com", map[string]string{"service": service, "method": method})},
	}
}

// ScopeInsufficient answers a request whose token was not made for this API.
func ScopeInsufficient(service, method string) *Error {
	return &Error{
		Code:    http.StatusForbidden,
		Message: "Request had insufficient authentication scopes.",
		Details: []any{Info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "googleapis.com", map[string]string{"service": service, "method": method})},
	}
}

// ServiceDisabled answers every request to an API that is switched off in the
// caller's project.
func ServiceDisabled(title, service, project string) *Error {
	link := "https://console.developers.google.com/apis/api/" + service + "/overview?project=" + project
	return &Error{
		Code: http.StatusForbidden,
		Message: fmt.Sprintf("%s has not been used in project %s before or it is disabled. Enable it by visiting %s then retry. "+
			"If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.", title, project, link),
		Details: []any{
			Info("SERVICE_DISABLED", "googleapis.com", map[string]string{
				"service": service, "consumer": "projects/" + project, "activationUrl": link, "serviceTitle": title,
			}),
			map[string]any{
				"@type": "type.googleapis.com/google.rpc.Help",
				"links": []any{map[string]string{"description": "Google developers console API activation", "url": link}},
			},
		},
	}
}

// ProjectDenied answers a request that is to count against a project that the
// caller may not use.
func ProjectDenied(service, project string) *Error {
	return &Error{
		Code: http.StatusForbidden,
		Message: fmt.Sprintf("Caller does not have required permission to use project %s. "+
			"Grant the caller the roles/serviceusage.serviceUsageConsumer role, or a custom role with the serviceusage.services.use permission.", project),
		Details: []any{
			Info("USER_PROJECT_DENIED", "googleapis.com", map[string]string{"service": service, "consumer": "projects/" + project}),
		},
	}
}

// Prohibited answers a request that a VPC Service Controls perimeter keeps out.
func Prohibited() *Error {
	const id = "localIdentifierOfTheViolation"
	return &Error{
		Code:    http.StatusForbidden,
		Message: "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: " + id,
		Details: []any{
			map[string]any{
				"@type":      "type.googleapis.com/google.rpc.PreconditionFailure",
				"violations": []any{map[string]string{"type": "VPC_SERVICE_CONTROLS", "description": id}},
			},
			Info("SECURITY_POLICY_VIOLATED", "googleapis.com", map[string]string{"uid": id}),
		},
	}
}
