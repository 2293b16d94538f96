package gateway

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/localgcp/apierror"
)

// maxBody is how much of a request is read, in bytes.
const maxBody = 16 << 20

func readMessage(r *http.Request, into proto.Message) error {
	data, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return status.Errorf(codes.InvalidArgument, "Request payload size exceeds the limit: %d bytes.", maxBody)
	}
	if err != nil {
		return status.Error(codes.Canceled, "The request was not read to its end.")
	}
	if len(data) == 0 {
		return nil
	}
	if err := protojson.Unmarshal(data, into); err != nil {
		return status.Errorf(codes.InvalidArgument, "Invalid JSON payload received. %v", err)
	}
	return nil
}

func writeMessage(w http.ResponseWriter, message proto.Message) {
	data, err := protojson.Marshal(message)
	if err != nil {
		writeError(w, status.Errorf(codes.Internal, "encoding the answer: %v", err))
		return
	}
	apierror.WriteJSON(w, http.StatusOK, json.RawMessage(data))
}

// writeError tells a gRPC status in the shape of Google's REST APIs.
func writeError(w http.ResponseWriter, err error) {
	s := status.Convert(err)
	told := &apierror.Error{
		Code:    httpStatus(s.Code()),
		Status:  code.Code(s.Code()).String(), //nolint:gosec // codes are 0 to 16
		Message: s.Message(),
	}
	for _, detail := range s.Proto().GetDetails() {
		if data, err := protojson.Marshal(detail); err == nil {
			told.Details = append(told.Details, json.RawMessage(data))
		}
	}
	told.Write(w)
}
