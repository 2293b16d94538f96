package component

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
)

// body is what a request sends: pieces of memory and of files, opened afresh
// for each attempt. Its length is known before anything is sent.
type body struct {
	pieces      []piece
	contentType string
}

// piece is text, or a whole file where path is set.
type piece struct {
	text   []byte
	path   string
	length int64
}

func textPiece(text []byte) piece { return piece{text: text, length: int64(len(text))} }

func filePiece(path string) (piece, error) {
	info, err := os.Stat(path)
	if err != nil {
		return piece{}, err
	}
	if !info.Mode().IsRegular() {
		return piece{}, fmt.Errorf("%s is not a regular file", path)
	}
	return piece{path: path, length: info.Size()}, nil
}

func (b body) length() int64 {
	var total int64
	for _, p := range b.pieces {
		total += p.length
	}
	return total
}

// open gives a reader over all pieces. A file is opened when its turn comes
// and closed at its end.
func (b body) open() (io.ReadCloser, error) {
	if len(b.pieces) == 1 && b.pieces[0].path != "" {
		return os.Open(b.pieces[0].path) // as it is: the kernel then sends it by itself
	}
	readers := make([]io.Reader, 0, len(b.pieces))
	stream := &bodyReader{}
	for _, p := range b.pieces {
		if p.path == "" {
			readers = append(readers, bytes.NewReader(p.text))
			continue
		}
		file, err := os.Open(p.path)
		if err != nil {
			_ = stream.Close() // the open failed, which is the news
			return nil, err
		}
		stream.files = append(stream.files, file)
		readers = append(readers, io.LimitReader(file, p.length))
	}
	stream.Reader = io.MultiReader(readers...)
	return stream, nil
}

// bodyReader closes the files that it reads from.
type bodyReader struct {
	io.Reader
	files []*os.File
}

// Close closes every file.
func (r *bodyReader) Close() error {
	var problems []string
	for _, f := range r.files {
		if err := f.Close(); err != nil {
			problems = append(problems, err.Error())
		}
	}
	if problems != nil {
		return fmt.Errorf("close the request body: %s", strings.Join(problems, "; "))
	}
	return nil
}
