package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"debug/elf"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/tests/internal/engine"
)

// maxPull is the most that the image may weigh as registries hold it, in bytes.
const maxPull = 7 << 20

// inspected is what docker inspect tells of an image.
type inspected struct {
	ID           string `json:"Id"`
	Architecture string
	Config       struct {
		User            string
		Entrypoint, Cmd []string
		Labels          map[string]string
	}
	RootFS struct{ Layers []string }
}

func inspect(t *testing.T, e *engine.Engine, image string) inspected {
	t.Helper()
	var got []inspected
	if err := json.Unmarshal([]byte(docker(t, e, "image", "inspect", image)), &got); err != nil {
		t.Fatal(err)
	}
	return got[0]
}

func TestImageConfig(t *testing.T) {
	t.Parallel()
	e := withImage(t)
	got := inspect(t, e, built).Config
	if got.Entrypoint != nil || got.User != "" {
		t.Errorf("entry point %q, user %q; want neither", got.Entrypoint, got.User)
	}
	for label, want := range map[string]string{
		"title": "authcall", "licenses": "Apache-2.0", "version": release, "revision": commit,
		"source": "https://github.com/authcall/authcall",
	} {
		if value := got.Labels["org.opencontainers.image."+label]; value != want {
			t.Errorf("label %s is %q, want %q", label, value, want)
		}
	}
	if err := build(e, "--target", "nonroot", "--tag", built+":nonroot"); err != nil {
		t.Fatal(err)
	}
	nonroot := inspect(t, e, built+":nonroot")
	if nonroot.Config.User != "65532:65532" {
		t.Errorf("nonroot's user is %q", nonroot.Config.User)
	}
	if diff := cmp.Diff(inspect(t, e, built).RootFS, nonroot.RootFS); diff != "" {
		t.Errorf("nonroot holds other files (-want +got):\n%s", diff)
	}
}

// file is one entry of an image's file system.
type file struct {
	mode int64
	time time.Time
	data []byte
}

// files exports what is in an image.
func files(t *testing.T, e *engine.Engine, image string) map[string]file {
	t.Helper()
	container := strings.TrimSpace(docker(t, e, "create", image))
	defer docker(t, e, "rm", container)
	got := map[string]file{}
	for archive := tar.NewReader(strings.NewReader(docker(t, e, "export", container))); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return got
		}
		data, readErr := io.ReadAll(archive)
		if err := errors.Join(err, readErr); err != nil {
			t.Fatal(err)
		}
		got[strings.TrimSuffix(header.Name, "/")] = file{header.Mode & 0o7777, header.ModTime.UTC(), data}
	}
}

func TestImageHoldsTheProgramAndNothingElse(t *testing.T) {
	t.Parallel()
	e := withImage(t)
	got := files(t, e, built)
	stamp := time.Unix(1700000000, 0).UTC()
	for name, mode := range map[string]int64{"authcall": 0o755, "tmp": 0o1777} {
		if got[name].mode != mode || !got[name].time.Equal(stamp) {
			t.Errorf("%s has mode %o and is of %v, want %o and %v", name, got[name].mode, got[name].time, mode, stamp)
		}
	}
	// The engine itself adds mount points and files to every container.
	byEngine := []string{".dockerenv", "dev", "etc", "proc", "sys"}
	for name := range got {
		top, _, _ := strings.Cut(name, "/")
		if name != "authcall" && name != "tmp" && !strings.Contains(" "+strings.Join(byEngine, " ")+" ", " "+top+" ") {
			t.Errorf("there is %s in the image", name)
		}
	}
	program, err := elf.NewFile(bytes.NewReader(got["authcall"].data))
	if err != nil {
		t.Fatal(err)
	}
	if program.Section(".interp") != nil || program.Section(".symtab") != nil {
		t.Error("the program is not static, or not stripped")
	}
}

// The same commit gives the same bytes: in a second build, and outside the image
// in another folder with another cache.
func TestImageIsReproducible(t *testing.T) {
	t.Parallel()
	e := withImage(t)
	const again = built + ":again"
	if err := build(e, "--no-cache", "--tag", again); err != nil {
		t.Fatal(err)
	}
	defer docker(t, e, "image", "rm", again)
	first, second := inspect(t, e, built), inspect(t, e, again)
	if diff := cmp.Diff(first.RootFS.Layers, second.RootFS.Layers); diff != "" {
		t.Errorf("digests of the layers (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(first.Config, second.Config); diff != "" {
		t.Errorf("config (-first +second):\n%s", diff)
	}
	// Builders before BuildKit 0.11 put the time of day into the image's record.
	if created := docker(t, e, "image", "inspect", "--format", "{{.Created}}", again); strings.HasPrefix(created, "2023-11-14T22:13:20") && first.ID != second.ID {
		t.Errorf("the image is %s, and then %s", first.ID, second.ID)
	}
	outside, err := os.ReadFile(filepath.Join(ours.source, ".bin", "amd64", "authcall"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(outside, files(t, e, built)["authcall"].data) {
		t.Error("a build outside the image gives other bytes")
	}
}

func TestImageIsSmall(t *testing.T) {
	t.Parallel()
	e := withImage(t)
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := io.WriteString(writer, docker(t, e, "save", built+":latest")); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%.2f MiB to pull", float64(packed.Len())/(1<<20))
	if packed.Len() > maxPull {
		t.Errorf("the image has %d bytes to pull, want at most %d", packed.Len(), maxPull)
	}
}

// An image for another processor is built without running a program of it.
func TestImageForARM(t *testing.T) {
	t.Parallel()
	e := withImage(t)
	const arm = built + ":arm64"
	if err := build(e, "--platform", "linux/arm64", "--tag", arm); err != nil {
		t.Fatal(err)
	}
	defer docker(t, e, "image", "rm", arm)
	if got := inspect(t, e, arm).Architecture; got != "arm64" {
		t.Errorf("the image is for %s", got)
	}
	var archive bytes.Buffer
	archive.WriteString(docker(t, e, "save", arm))
	program, err := elf.NewFile(bytes.NewReader(layerFile(t, &archive, "authcall")))
	if err != nil || program.Machine != elf.EM_AARCH64 {
		t.Errorf("the program is for %v, %v", program, err)
	}
}

// layerFile finds a file in the layers of a saved image.
func layerFile(t *testing.T, saved io.Reader, name string) []byte {
	t.Helper()
	for outer := tar.NewReader(saved); ; {
		layer, err := outer.Next()
		if err != nil {
			t.Fatalf("no %s in the image: %v", name, err)
		}
		if layer.Size == 0 {
			continue
		}
		for inner := tar.NewReader(outer); ; {
			header, err := inner.Next()
			if err != nil {
				break // the end, or no layer at all
			}
			if header.Name != name {
				continue
			}
			data, err := io.ReadAll(inner)
			if err != nil {
				t.Fatal(err)
			}
			return data
		}
	}
}

func TestSBOM(t *testing.T) {
	t.Parallel()
	e := withImage(t)
	dir := t.TempDir()
	if err := build(e, "--target", "sbom", "--output", dir); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "authcall.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	var bom struct {
		BOMFormat string
		Metadata  struct {
			Component struct{ Name, Version string }
		}
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal(data, &bom); err != nil {
		t.Fatal(err)
	}
	if c := bom.Metadata.Component; bom.BOMFormat != "CycloneDX" || c.Name != "authcall" || c.Version != release {
		t.Errorf("a %s of %+v, want a CycloneDX of authcall %s", bom.BOMFormat, c, release)
	}
	var named []string
	for _, c := range bom.Components {
		named = append(named, c.Name)
	}
	for _, want := range []string{"std", "golang.org/x/oauth2", "google.golang.org/api"} {
		if !strings.Contains(" "+strings.Join(named, " ")+" ", " "+want+" ") {
			t.Errorf("%s is not among the components %q", want, named)
		}
	}
}
