// Package image proves the component's image: what is in it, that it is the same
// bytes each time, that it runs under whatever a runtime imposes, and that KFP's
// own Docker runner gets from it what component.yaml promises. It brings a Docker
// engine along where none answers.
package image
