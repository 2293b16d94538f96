// Package need decides what becomes of a test whose helper program, or time, is not
// there: it is skipped by name, or fails where the run demands all.
package need
