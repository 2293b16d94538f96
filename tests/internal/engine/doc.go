// Package engine gives tests a Docker engine, the one that answers or one of
// their own, and images to build on that come from this machine instead of a
// registry.
package engine
