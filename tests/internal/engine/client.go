package engine

import (
	"context"
	"errors"
	"os/exec"
	"strconv"
	"strings"
)

// client finds a docker command that can build. Since version 23 that takes a
// plugin, buildx, which a lone docker command lacks; Debian's is older and builds
// by itself.
func client(ctx context.Context) (string, error) {
	var problems []error
	for _, name := range []string{"docker", "/usr/bin/docker"} {
		path, err := exec.LookPath(name)
		if err == nil && builds(ctx, path) {
			return path, nil
		}
		problems = append(problems, err)
	}
	return "", errors.Join(append(problems, errors.New("no docker command here can build: want one with buildx, or Debian's docker.io"))...)
}

func builds(ctx context.Context, docker string) bool {
	if exec.CommandContext(ctx, docker, "buildx", "version").Run() == nil {
		return true
	}
	const needsPlugin = 23
	said, err := exec.CommandContext(ctx, docker, "--version").Output()
	if err != nil {
		return false
	}
	version := strings.TrimPrefix(string(said), "Docker version ")
	major, _, _ := strings.Cut(version, ".")
	number, err := strconv.Atoi(major)
	return err == nil && number < needsPlugin
}
