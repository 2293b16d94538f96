// Package launch starts the container steps of a locally run pipeline: as
// processes of this very program where it can play the image, in Docker
// otherwise.
package launch
