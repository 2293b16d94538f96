package component

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime/multipart"
	"net/textproto"
	"path/filepath"
	"slices"
	"strings"

	"github.com/authcall/authcall/internal/executor"
)

// filePart is a file among the fields of a multipart body.
type filePart struct {
	URI         string `json:"uri"`
	Filename    string `json:"filename"`
	ContentType string `json:"content_type"`
}

// multipartBody makes a multipart/form-data body of a JSON object: a field is
// text, or {"uri": …} for a file, which is streamed.
func multipartBody(text string, p Policy) (body, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		return body{}, errors.New("body is not a JSON object of multipart fields")
	}
	var frame bytes.Buffer
	writer := multipart.NewWriter(&frame)
	b := body{contentType: writer.FormDataContentType()}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		file, err := addField(writer, name, fields[name], p)
		if err != nil {
			return body{}, fmt.Errorf("body: field %q: %w", name, err)
		}
		if file.path != "" {
			b.pieces = append(b.pieces, textPiece(bytes.Clone(frame.Bytes())), file)
			frame.Reset()
		}
	}
	if err := writer.Close(); err != nil {
		return body{}, err
	}
	b.pieces = append(b.pieces, textPiece(frame.Bytes()))
	return b, nil
}

// addField writes a text field, or the frame of a file and returns the file.
func addField(w *multipart.Writer, name string, value json.RawMessage, p Policy) (piece, error) {
	var part filePart
	if !isObject(string(value)) {
		var field any
		if err := json.Unmarshal(value, &field); err != nil {
			return piece{}, err
		}
		return piece{}, w.WriteField(name, fieldText(field))
	}
	if err := json.Unmarshal(value, &part); err != nil || part.URI == "" {
		return piece{}, errors.New(`want text, or {"uri": "…"} for a file`)
	}
	path, err := executor.Path(p.MountRoot, part.URI)
	if err != nil {
		return piece{}, err
	}
	file, err := filePiece(path)
	if err != nil {
		return piece{}, err
	}
	_, err = w.CreatePart(part.header(name, path))
	return file, err
}

func (f filePart) header(name, path string) textproto.MIMEHeader {
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", "", "\n", "")
	filename, kind := f.Filename, f.ContentType
	if filename == "" {
		filename = filepath.Base(path)
	}
	if kind == "" {
		kind = fileType(path)
	}
	return textproto.MIMEHeader{
		"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"; filename="%s"`, quote.Replace(name), quote.Replace(filename))}, //nolint:gocritic // %q quotes as Go does, not MIME
		"Content-Type":        {quote.Replace(kind)},
	}
}
