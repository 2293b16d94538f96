package transcode

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/authcall/authcall/internal/localgcp/apierror"
)

// answer is what the transcoder says.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(statusCode int) { a.status = statusCode }

func (a *answer) Write(data []byte) (int, error) { return a.body.Write(data) }

// Flush implements http.Flusher, which the gRPC server insists on.
func (a *answer) Flush() {}

// write sends the answer in the shape of Google's REST APIs.
func (a *answer) write(w http.ResponseWriter, r *http.Request) {
	if a.status >= http.StatusBadRequest {
		a.failure(r).Write(w)
		return
	}
	if strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		apierror.WriteJSON(w, a.status, json.RawMessage(a.body.Bytes()))
		return
	}
	w.Header().Set("Content-Type", a.header.Get("Content-Type"))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()) // the client is gone where this fails
}

// failure is the error that a google.rpc.Status tells of. What is none is the
// transcoder's own: no method has the path.
func (a *answer) failure(r *http.Request) *apierror.Error {
	told := new(status.Status)
	if protojson.Unmarshal(a.body.Bytes(), told) != nil || told.GetCode() == 0 {
		return apierror.NotFound("Method not found: %s %s.", r.Method, r.URL.Path)
	}
	if name, ok := unknownParameter(told.GetMessage()); ok {
		return apierror.InvalidArgument("Invalid JSON payload received. Unknown name %s: Cannot bind query parameter. "+
			"Field could not be found in request message.", name)
	}
	failure := &apierror.Error{Code: httpStatus(told.GetCode()), Status: code.Code(told.GetCode()).String(), Message: told.GetMessage()}
	for _, detail := range told.GetDetails() {
		if retry := new(errdetails.RetryInfo); detail.UnmarshalTo(retry) == nil {
			failure.RetryAfter = retry.GetRetryDelay().AsDuration()
		}
		if data, err := protojson.Marshal(detail); err == nil {
			failure.Details = append(failure.Details, json.RawMessage(data))
		}
	}
	return failure
}

// unknownParameter reads the quoted name of a query parameter that is no field of
// the request, which the transcoder tells in no other way than in words.
func unknownParameter(message string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(message, "unknown field in field path ")
	name, _, _ = strings.Cut(rest, ":")
	return name, ok
}

// httpStatus maps a gRPC code as google/rpc/code.proto says.
func httpStatus(c int32) int {
	switch code.Code(c) {
	case code.Code_INVALID_ARGUMENT, code.Code_FAILED_PRECONDITION, code.Code_OUT_OF_RANGE:
		return http.StatusBadRequest
	case code.Code_UNAUTHENTICATED:
		return http.StatusUnauthorized
	case code.Code_PERMISSION_DENIED:
		return http.StatusForbidden
	case code.Code_NOT_FOUND:
		return http.StatusNotFound
	case code.Code_ALREADY_EXISTS, code.Code_ABORTED:
		return http.StatusConflict
	case code.Code_RESOURCE_EXHAUSTED:
		return http.StatusTooManyRequests
	case code.Code_CANCELLED:
		return statusClosed
	case code.Code_UNIMPLEMENTED:
		return http.StatusNotImplemented
	case code.Code_UNAVAILABLE:
		return http.StatusServiceUnavailable
	case code.Code_DEADLINE_EXCEEDED:
		return http.StatusGatewayTimeout
	}
	return http.StatusInternalServerError
}
