package resource

import (
	"strings"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"golang.org/x/net/http/httpguts"
)

const (
	maxHeaders = 80 << 10 // bytes
	maxPort    = 1<<16 - 1
)

// checkTarget checks what a queue says over its tasks.
func checkTarget(t *cloudtaskspb.HttpTarget) error {
	uri := t.GetUriOverride()
	switch port := uri.GetPort(); {
	case uri != nil && uri.Host != nil && !isHost(uri.GetHost()):
		return invalid("UriOverride.host must be the name of a host, without scheme, port or path.")
	case port < 0 || port > maxPort:
		return invalid("UriOverride.port must be between 0 and 65535.")
	}
	headers := map[string]string{}
	for _, o := range t.GetHeaderOverrides() {
		headers[o.GetHeader().GetKey()] = o.GetHeader().GetValue()
	}
	if err := checkHeaders("HttpTarget.headerOverrides", headers); err != nil {
		return err
	}
	if token := t.GetOidcToken(); token != nil && (token.GetServiceAccountEmail() == "" || token.GetAudience() == "") {
		return invalid("HttpTarget.oidcToken must specify both serviceAccountEmail and audience.")
	}
	if token := t.GetOauthToken(); token != nil && (token.GetServiceAccountEmail() == "" || token.GetScope() == "") {
		return invalid("HttpTarget.oauthToken must specify both serviceAccountEmail and scope.")
	}
	return nil
}

func isHost(text string) bool {
	return text != "" && !strings.ContainsAny(text, "/?#@: \t\r\n\\") && httpguts.ValidHostHeader(text)
}

func checkHeaders(field string, headers map[string]string) error {
	size := 0
	for name, value := range headers {
		size += len(name) + len(value)
		if !httpguts.ValidHeaderFieldName(name) {
			return invalid("%s has an invalid header name: %q.", field, name)
		}
		if !httpguts.ValidHeaderFieldValue(value) {
			return invalid("%s has an invalid value for the header %q.", field, name)
		}
	}
	if size >= maxHeaders {
		return invalid("%s must be less than 80KB.", field)
	}
	return nil
}
