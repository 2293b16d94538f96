package gapi

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// layers are what gRPC's layers put in front of a failure's cause. None of them
// helps whoever reads it.
var layers = []string{
	"transport: ",
	"per-RPC creds failed due to error: ",
	"authentication handshake failed: ",
	"Error while dialing: ",
}

var (
	connectionError = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^connection error: desc = (".*")$`) })
	// proxyAnswer is the whole answer of a proxy, of which the status matters.
	proxyAnswer = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`failed to do connect handshake, response: "HTTP/[\d.]+ ([^\\"]+).*"`)
	})
)

// plain is the message of a gRPC status without the words of gRPC's own layers.
func plain(message string) string {
	if m := connectionError().FindStringSubmatch(message); m != nil {
		if text, err := strconv.Unquote(m[1]); err == nil {
			message = text
		}
	}
	for _, layer := range layers {
		message = strings.TrimPrefix(message, layer)
	}
	return proxyAnswer().ReplaceAllString(message, "the proxy lets no connection through: $1")
}
