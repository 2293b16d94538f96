package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
)

// bodyTarget holds a long body to at least 0.9 times curl's rate, which is at
// most 1.11 times its time.
func bodyTarget() target { return target{over: 0, under: 1, most: 1.11} }

// bodies measures a long download into a file and a long upload of one, of
// holes, beside curl. Ours makes the body's digest on its way.
func (w *world) bodies(ctx context.Context) error {
	curl, err := exec.LookPath("curl")
	if err != nil {
		return fmt.Errorf("curl, the peer for long bodies: %w", err)
	}
	file, into := filepath.Join(w.dir, "long"), filepath.Join(w.dir, "into")
	if err := sparse(file, w.bodyBytes); err != nil {
		return err
	}
	server := httptest.NewServer(fileServer(file))
	defer server.Close()
	authcall, url := filepath.Join(w.bin, "authcall"), server.URL
	env := append(basicEnv(w.dir), "AUTHCALL_AUTH=none")
	size := fmt.Sprintf("%.1f GiB", float64(w.bodyBytes)/(1<<30))
	for _, one := range []struct {
		title       string
		ours, peers []string
	}{
		{"Download of " + size, []string{authcall, "call", "-o", into, url}, []string{curl, "--silent", "--fail", "--output", into, url}},
		{"Upload of " + size, []string{authcall, "call", "-X", "PUT", "-d", "@" + file, url}, []string{curl, "--silent", "--fail", "--upload-file", file, url}},
	} {
		summaries, err := w.meter.interleave(ctx, []subject{
			{"authcall call", w.bodyRuns, one.ours, env, into},
			{"curl", w.bodyRuns, one.peers, env, into},
		})
		if err != nil {
			return err
		}
		if err := table(os.Stdout, one.title, summaries, bodyTarget()); err != nil {
			return err
		}
	}
	return nil
}

// fileServer hands out the file as servers of files do, by the system's own
// sendfile, and takes any body.
func fileServer(file string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			_, _ = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{r.Body}, make([]byte, 1<<20))
			return
		}
		http.ServeFile(w, r, file)
	})
}

func sparse(path string, size int64) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := file.Truncate(size); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}
