package transcode

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"connectrpc.com/vanguard"
	"connectrpc.com/vanguard/vanguardgrpc"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"

	"github.com/authcall/authcall/internal/localgcp/apierror"
)

// MaxBody is how much of a request is read, in bytes.
const MaxBody = 16 << 20

// New serves the services that the server has at the time, at the paths of their
// annotations and of the rules. Calls of methods that no service has are answered
// with 404.
func New(server *grpc.Server, rules ...*annotations.HttpRule) (http.Handler, error) {
	transcoder, err := vanguardgrpc.NewTranscoder(server,
		vanguard.WithCodec(newCodec),
		vanguard.WithRules(rules...),
		vanguard.WithDefaultServiceOptions(vanguard.WithNoTargetCompression(), vanguard.WithMaxMessageBufferBytes(MaxBody)),
	)
	if err != nil {
		return nil, fmt.Errorf("REST of the gRPC services: %w", err)
	}
	return &handler{transcoder}, nil
}

type handler struct{ transcoder http.Handler }

// ServeHTTP holds the answer back until it is whole, for an error gets another
// form.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request, err := plain(r)
	if err != nil {
		err.Write(w)
		return
	}
	held := &answer{header: http.Header{}, status: http.StatusOK}
	h.transcoder.ServeHTTP(held, request)
	held.write(w, r)
}

// plain makes the request one that the transcoder takes: Google's APIs read JSON
// whatever the content type says.
func plain(r *http.Request) (*http.Request, *apierror.Error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, MaxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, apierror.InvalidArgument("Request payload size exceeds the limit: %d bytes.", MaxBody)
	}
	if err != nil {
		return nil, &apierror.Error{Code: statusClosed, Status: "CANCELLED", Message: "The request was not read to its end."}
	}
	if r.Method == http.MethodGet || r.Method == http.MethodDelete {
		body = nil // no method of Google's reads it
	}
	request := r.Clone(r.Context())
	request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	request.URL.RawQuery = query(r.URL.Query()).Encode()
	for _, name := range []string{"Accept-Encoding", "Connect-Protocol-Version", "X-Server-Timeout"} {
		request.Header.Del(name)
	}
	request.Header.Set("Content-Type", "application/json")
	return request, nil
}

// statusClosed is a request that its client gave up; net/http has no name for it.
const statusClosed = 499

// query leaves out the parameters that every API of Google's takes, and writes
// field masks as JSON has them.
func query(given url.Values) url.Values {
	kept := url.Values{}
	for name, values := range given {
		if isSystem(strings.TrimPrefix(name, "$")) {
			continue
		}
		for _, v := range values {
			if strings.HasSuffix(strings.ToLower(name), "mask") {
				v = camelCase(v)
			}
			kept.Add(name, v)
		}
	}
	return kept
}

func isSystem(name string) bool {
	switch name {
	case ".xgafv", "access_token", "alt", "callback", "connect", "fields", "key", "oauth_token", "prettyPrint", "quotaUser",
		"uploadType", "upload_protocol", "userProject":
		return true
	}
	return false
}

// camelCase turns the proto names of a field mask into JSON names; Google's APIs
// take both.
func camelCase(mask string) string {
	var b strings.Builder
	upper := false
	for _, r := range mask {
		switch {
		case r == '_':
			upper = true
			continue
		case upper && r >= 'a' && r <= 'z':
			r += 'A' - 'a'
		}
		upper = false
		b.WriteRune(r)
	}
	return b.String()
}
