package launch

import (
	"context"
	"slices"
	"strings"

	"github.com/authcall/authcall/internal/localrun"
)

// ByImage runs our own images as processes and all others in containers.
type ByImage struct {
	// Images are what Own plays: a repository stands for all its tags
	// and digests, a reference with one for itself.
	Images []string
	Own    localrun.Launcher
	Other  localrun.Launcher
}

// StepPath implements localrun.Launcher.
func (l ByImage) StepPath(image, uri, local string) string {
	return l.choose(image).StepPath(image, uri, local)
}

// Launch implements localrun.Launcher.
func (l ByImage) Launch(ctx context.Context, s localrun.Step) error {
	return l.choose(s.Image).Launch(ctx, s)
}

func (l ByImage) choose(image string) localrun.Launcher {
	if slices.Contains(l.Images, image) || slices.Contains(l.Images, repository(image)) {
		return l.Own
	}
	return l.Other
}

// repository is an image reference without its tag and digest. A colon before
// the last slash belongs to the registry's port.
func repository(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		image = image[:i]
	}
	return image
}
