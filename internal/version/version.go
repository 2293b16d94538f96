package version

import (
	"runtime"
	"runtime/debug"
)

// Info is what is known of a build.
type Info struct {
	// Version is the tag of a release, "devel" for a build from a work tree.
	Version string
	// Commit is the full hash of the commit, empty where it is not known.
	Commit string
	// Modified says that the work tree had changes that were not committed.
	Modified bool
}

// release and commit are stamped by the linker (-X …/internal/version.release=v1.2.3)
// for builds that have no record of their own, as those of an image.
var release, commit string

// Get reads the build's own record; it never fails.
func Get() Info {
	info := Info{Version: "devel"}
	if build, ok := debug.ReadBuildInfo(); ok {
		info.read(build)
	}
	if release != "" {
		info.Version = release
	}
	if commit != "" {
		info.Commit = commit
	}
	return info
}

// String is the version alone, as a user agent or an image tag needs it.
func (i Info) String() string { return i.Version }

// Line tells of the build of a program: its version, its commit where that is
// known, and the Go release.
func (i Info) Line(program string) string {
	line := program + " " + i.Version
	if i.Commit != "" {
		line += " " + i.Commit
	}
	if i.Modified {
		line += " (modified)"
	}
	return line + " " + runtime.Version()
}

func (i *Info) read(build *debug.BuildInfo) {
	if v := build.Main.Version; v != "" && v != "(devel)" {
		i.Version = v
	}
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			i.Commit = s.Value
		case "vcs.modified":
			i.Modified = s.Value == "true"
		}
	}
}
