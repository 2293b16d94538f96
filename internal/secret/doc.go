// Package secret reads secret versions from Secret Manager.
package secret
