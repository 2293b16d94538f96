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

// printMessage prints a message in the form of Google's REST APIs. Equal
// messages give equal bytes, which protojson alone does not promise.
func printMessage(w io.Writer, message proto.Message) error {
	data, err := protojson.Marshal(message)
	if err != nil {
		return fmt.Errorf("printing JSON: %w", err)
	}
	return printJSON(w, json.RawMessage(data))
}

// printJSON prints a value as one JSON document.
func printJSON(w io.Writer, value any) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // no browser reads it, but people do
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("printing JSON: %w", err)
	}
	_, err := b.WriteTo(w)
	return err
}
