// Package filter reads the filters of lists: comparisons of fields, joined by AND.
package filter
