package transcode

import (
	"fmt"

	"connectrpc.com/connect"
	"connectrpc.com/vanguard"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// codec reads JSON strictly, with enums as names or numbers, and writes enums as
// names, and no empty fields.
type codec struct{ *vanguard.JSONCodec }

func newCodec(types vanguard.TypeResolver) vanguard.Codec {
	return codec{&vanguard.JSONCodec{
		MarshalOptions:   protojson.MarshalOptions{Resolver: types},
		UnmarshalOptions: protojson.UnmarshalOptions{Resolver: types},
	}}
}

func (c codec) Unmarshal(data []byte, message proto.Message) error {
	return invalid(c.JSONCodec.Unmarshal(data, message))
}

func (c codec) UnmarshalField(data []byte, message proto.Message, field protoreflect.FieldDescriptor) error {
	return invalid(c.JSONCodec.UnmarshalField(data, message, field))
}

func invalid(err error) error {
	if err == nil {
		return nil
	}
	return connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("Invalid JSON payload received. %w", err)) //nolint:staticcheck // it begins as Google's answer does
}
