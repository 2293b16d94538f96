// Package apps holds the example applications that the local services run.
package apps
