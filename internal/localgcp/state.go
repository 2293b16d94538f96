package localgcp

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/authcall/authcall/internal/localgcp/statefile"
)

// secretBytes is the size of the secret that signs access tokens.
const secretBytes = 32

// state is the directory that survives a restart.
type state struct{ dir string }

func (s state) path(elements ...string) string {
	return filepath.Join(append([]string{s.dir}, elements...)...)
}

// secret reads the secret of the access tokens, or makes it.
func (s state) secret() ([]byte, error) {
	file := s.path("keys", "access-token.secret")
	fresh := make([]byte, secretBytes)
	_, _ = rand.Read(fresh) // it never fails, as its documentation says
	if err := statefile.Create(file, fresh); err != nil {
		return nil, fmt.Errorf("access token secret: %w", err)
	}
	secret, err := os.ReadFile(file)
	if err == nil && len(secret) != secretBytes {
		err = fmt.Errorf("%s holds %d bytes, want %d", file, len(secret), secretBytes)
	}
	return secret, err
}

// ports reads the ports of the last start by listener. What is broken in the
// file counts as none, for ports are a convenience.
func (s state) ports() (map[string]int, error) {
	data, err := os.ReadFile(s.path("ports.json"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	ports := map[string]int{}
	if err := json.Unmarshal(data, &ports); err != nil {
		return map[string]int{}, nil
	}
	maps.DeleteFunc(ports, func(_ string, port int) bool { return port <= 0 || port > math.MaxUint16 })
	return ports, nil
}

// rememberPorts keeps the ports of listeners that had none before. One whose
// port was taken this time finds it free another time.
func (s state) rememberPorts(used map[string]int) error {
	known, err := s.ports()
	if err != nil {
		return err
	}
	all := maps.Clone(used)
	maps.Copy(all, known)
	if maps.Equal(all, known) {
		return nil
	}
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return statefile.Replace(s.path("ports.json"), data)
}

// local turns a gs:// URI into a file below the directory, and any other into
// none; no URI leads out of it.
func (s state) local(uri string) string {
	name, ok := strings.CutPrefix(uri, "gs://")
	if !ok {
		return ""
	}
	return s.path("gcs", filepath.FromSlash(path.Clean("/"+name)))
}
