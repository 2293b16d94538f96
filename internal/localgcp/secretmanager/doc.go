// Package secretmanager is the Secret Manager API as far as a caller needs it that
// reads secrets.
package secretmanager
