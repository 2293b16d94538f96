package authpipe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// say tells people something, on stderr.
func (f *factory) say(format string, args ...any) {
	_, _ = fmt.Fprintf(f.stderr, format+"\n", args...) // nowhere to tell of a broken stderr
}

// printJSON prints a message as one JSON document, in the form of Google's REST
// APIs. Equal messages give equal bytes, which protojson alone does not promise.
func printJSON(w io.Writer, message proto.Message) error {
	data, err := protojson.Marshal(message)
	if err != nil {
		return fmt.Errorf("printing JSON: %w", err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		return fmt.Errorf("printing JSON: %w", err)
	}
	b.WriteByte('\n')
	_, err = b.WriteTo(w)
	return err
}
