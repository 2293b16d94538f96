// Package need decides what becomes of a test whose helper program is not on
// the machine: it is skipped by name, or fails where the run demands all.
package need
