// Package ownports gives the local Google of a test ports that are free again when it
// has ended: below those that systems give to whoever asks for any, as others do.
package ownports
