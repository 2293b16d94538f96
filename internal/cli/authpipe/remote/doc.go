// Package remote reads a file that lies in Cloud Storage, in Artifact Registry or
// on any HTTPS server, and gives the caller's token to nobody but Google.
package remote
