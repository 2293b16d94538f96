// Package printable makes a text that somebody else wrote fit to be shown: on one
// line, and without a character that a terminal would obey.
package printable
